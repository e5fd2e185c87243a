import fc from 'fast-check';
import { expect, test } from 'vitest';

import { oneLine, textWidth, truncate } from './text-width.ts';

test.each([
  ['kubelet', 7],
  ['', 0],
  ['控制平面', 8],
  ['ノード', 6],
  ['é', 1],
  ['e\u0301', 1],
  ['한글', 4],
  ['🚀', 2],
  ['👩‍👩‍👧', 2],
  ['a\u200bb', 2],
])('%j takes %d columns', (text, columns) => {
  expect(textWidth(text)).toBe(columns);
});

test('truncate cuts a long text to the number of columns, with an ellipsis', () => {
  expect(truncate('kubelet', 7)).toBe('kubelet');
  expect(truncate('kubelet', 4)).toBe('kub…');
  expect(truncate('控制平面', 4)).toBe('控…');
  expect(truncate('x', 0)).toBe('');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, columns) => {
      expect(textWidth(truncate(text, columns))).toBeLessThanOrEqual(columns);
    }),
  );
});

test('oneLine removes every character that moves the cursor', () => {
  expect(oneLine('a\n\tb\x1b[31mred\x1b[0m\x1b]0;title\x07 ')).toBe('a bred ]0;title');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(oneLine(text)).not.toMatch(/\p{Cc}/u);
    }),
  );
});
