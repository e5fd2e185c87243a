import { describe, expect, test } from 'vitest';
import { commandArguments, lastArgument } from './arguments.ts';

const argument = (name: string, value: string) => ({ name, value });

describe('commandArguments', () => {
  test('sorts the defaults by name, then value', () => {
    const defaults = [argument('b', '2'), argument('a', '9'), argument('b', '1')];
    expect(commandArguments(defaults, [])).toEqual(['--a=9', '--b=1', '--b=2']);
  });

  test('drops a default that is overridden and keeps the order and doubles of the overrides', () => {
    const overrides = [argument('z', '1'), argument('a', 'x'), argument('a', 'y'), argument('z', '')];
    expect(commandArguments([argument('a', '1'), argument('b', '2')], overrides)).toEqual([
      '--b=2',
      '--z=1',
      '--a=x',
      '--a=y',
      '--z=',
    ]);
  });
});

describe('lastArgument', () => {
  test('returns the last of several values, even an empty one', () => {
    expect(lastArgument([argument('a', '1'), argument('a', '')], 'a')).toBe('');
    expect(lastArgument([argument('a', '1')], 'b')).toBeUndefined();
  });
});
