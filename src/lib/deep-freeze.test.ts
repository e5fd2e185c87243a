import { expect, test } from 'vitest';
import { deepFreeze } from './deep-freeze.ts';

test('deepFreeze makes every nested value unchangeable', () => {
  const value = { list: [{ name: 'a' }], text: 'x', at: new Date(0) };
  const frozen = deepFreeze(value);
  expect(frozen).toBe(value);
  expect(() => (frozen.list[0] = { name: 'b' })).toThrow(TypeError);
  expect(() => Object.assign(frozen.list[0] ?? {}, { name: 'b' })).toThrow(TypeError);
  expect(() => Object.assign(frozen, { text: 'y' })).toThrow(TypeError);
  expect(frozen).toEqual({ list: [{ name: 'a' }], text: 'x', at: new Date(0) });
});
