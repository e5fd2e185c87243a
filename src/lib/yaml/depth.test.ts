import { expect, test } from 'vitest';

import { tooDeepAt } from './depth.ts';
import { readYaml } from './read.ts';

test.each([
  ['lists in brackets', '[', 1001],
  ['maps in braces', '{a: ', 1001],
  ['lists', '- ', 1001],
  ['keys', '?\t', 1001],
])('%s may be nested 1000 levels deep', (_name, piece, depth) => {
  expect(tooDeepAt(piece.repeat(depth - 1))).toBeUndefined();
  expect(tooDeepAt(`a: 1\nb: ${piece.repeat(depth)}`)).toBe(8 + (depth - 1) * piece.length);
});

test.each([
  ['closed brackets', '[a]'],
  ['more closing than opening brackets', ']'],
  ['dashes in words', 'a-b '],
  ['dashes in a row', '-'],
])('%s are not nested', (_name, piece) => {
  expect(tooDeepAt(piece.repeat(5000))).toBeUndefined();
});

test('a text that is nested too deeply has one problem with its place', () => {
  const { problems, value, lineOf } = readYaml(`a: 1\nb: ${'['.repeat(500_000)}`, 5);
  expect(problems).toEqual([{ kind: 'syntax', message: 'it is nested too deeply', line: 6, column: 1004 }]);
  expect(value).toBeUndefined();
  expect(lineOf(['a'])).toBe(6);
});
