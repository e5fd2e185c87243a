import { expect, test } from 'vitest';

import { readNumber } from './number.ts';

// The results of strconv and the resolver of go.yaml.in/yaml v2.
test.each([
  ['0o14443', 6435],
  ['0o10', 8],
  ['-0x10', -16],
  ['0b11', 3],
  ['08', 8],
  ['9007199254740991', 9_007_199_254_740_991],
  ['9007199254740993', 9_007_199_254_740_993n],
  ['9223372036854775807', 9_223_372_036_854_775_807n],
  ['-9223372036854775808', -9_223_372_036_854_775_808n],
  ['18446744073709551615', 18_446_744_073_709_551_615n],
  ['18446744073709551616', 2 ** 64],
  ['+9223372036854775808', 2 ** 63],
  ['1e400', undefined],
  ['1234e567', undefined],
  ['0x1_0000_0000_0000_0000', undefined],
  ['e0', undefined],
  ['.', undefined],
])('%s is read as %s', (text, value) => {
  expect(readNumber(text)).toBe(value);
});
