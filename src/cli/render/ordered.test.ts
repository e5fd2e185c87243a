import { expect, test } from 'vitest';

import { ordered } from './ordered.ts';

test('the lines of a later phase wait until the phases before it have ended', () => {
  const shown: string[] = [];
  const screen = ordered<string>(['a', 'b', 'c'], (item) => void shown.push(item));
  screen.push('b1', 'b');
  screen.push('a1', 'a');
  screen.push('outside', undefined);
  expect(shown).toEqual(['a1', 'outside']);
  screen.ended('b');
  screen.push('c1', 'c');
  screen.ended('a');
  expect(shown).toEqual(['a1', 'outside', 'b1', 'c1']);
  screen.push('c2', 'c');
  expect(shown.at(-1)).toBe('c2');
});

test('a flush shows all lines that still wait, in listed order', () => {
  const shown: string[] = [];
  const screen = ordered<string>(['a', 'b', 'c'], (item) => void shown.push(item));
  screen.push('c1', 'c');
  screen.push('b1', 'b');
  screen.flush();
  expect(shown).toEqual(['b1', 'c1']);
});
