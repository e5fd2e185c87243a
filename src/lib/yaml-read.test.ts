import { expect, it } from 'vitest';
import { parseYaml } from './yaml-read.ts';

it.each([
  ['e0', 'e0'],
  ['-e12', '-e12'],
  ['.', '.'],
  ['.e1', '.e1'],
  ['1e3', 1000],
  ['.5', 0.5],
  ['1.', 1],
  ['1.5e-1', 0.15],
  ['.inf', Number.POSITIVE_INFINITY],
])('reads %s as Go does', (text, value) => {
  expect(parseYaml(`a: ${text}`)).toEqual({ a: value });
});
