import { applyPatch } from 'diff';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unifiedDiff } from './unified-diff.ts';

const diff = (before: string, after: string, context: number): string =>
  unifiedDiff(
    { before: { label: '/a', text: before }, after: { label: 'new manifest', text: after } },
    context,
  );

const lines = (...texts: readonly string[]): string => `${texts.join('\n')}\n`;

test('equal texts have no diff', () => {
  expect(diff('a\n', 'a\n', 3)).toBe('');
});

test('a diff without context has only the changed lines', () => {
  const text = diff(lines('a', 'b', 'c', 'd'), lines('a', 'x', 'c', 'd', 'e'), 0);
  expect(text).toBe(lines('--- /a', '+++ new manifest', '@@ -2 +2 @@', '-b', '+x', '@@ -4,0 +5 @@', '+e'));
});

test('a diff has as many lines of context as wanted', () => {
  const text = diff(lines('a', 'b', 'c'), lines('a', 'x', 'c'), 1);
  expect(text).toBe(lines('--- /a', '+++ new manifest', '@@ -1,3 +1,3 @@', ' a', '-b', '+x', ' c'));
});

test('a diff turns the old text into the new one', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((all) => lines(...all));
  fc.assert(
    fc.property(text, text, fc.nat({ max: 4 }), (before, after, context) => {
      const patch = diff(before, after, context);
      expect(patch === '' ? before : applyPatch(before, patch)).toBe(after);
    }),
  );
});
