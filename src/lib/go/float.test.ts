import { expect, test } from 'vitest';

import { formatExponential, formatFloat } from './float.ts';

// The expected texts are those of Go's fmt.
test.each([
  [0, undefined, '0'],
  [-0, undefined, '-0'],
  [1.5, undefined, '1.5'],
  [100_000, undefined, '100000'],
  [1_000_000, undefined, '1e+06'],
  [31_535_999, undefined, '3.1535999e+07'],
  [0.0001, undefined, '0.0001'],
  [0.00001, undefined, '1e-05'],
  [1e21, undefined, '1e+21'],
  [1.5e-300, undefined, '1.5e-300'],
  [1.5, 3, '1.5'],
  [0.00001, 2, '1e-05'],
  [123_456, 10, '123456'],
  [123_456, 3, '1.23e+05'],
  [Number.NaN, undefined, 'NaN'],
  [Number.POSITIVE_INFINITY, undefined, '+Inf'],
  [Number.NEGATIVE_INFINITY, undefined, '-Inf'],
])('the number %d with precision %s is %s as %%g', (value, precision, text) => {
  expect(formatFloat(value, precision)).toBe(text);
});

test.each([
  [12_345.678, undefined, '1.234568e+04'],
  [0.00012, 2, '1.20e-04'],
])('the number %d with precision %s is %s as %%e', (value, precision, text) => {
  expect(formatExponential(value, precision)).toBe(text);
});
