import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, normalDuration, parseDuration } from './duration.ts';

test.each([
  ['4m', 240_000, '4m0s'],
  ['24h', 86_400_000, '24h0m0s'],
  ['1h30m', 5_400_000, '1h30m0s'],
  ['1.5h', 5_400_000, '1h30m0s'],
  ['.5s', 500, '500ms'],
  ['1.s', 1000, '1s'],
  ['100us', 0.1, '100µs'],
  ['1ns', 0.000001, '1ns'],
  ['1.25s', 1250, '1.25s'],
  ['0', 0, '0s'],
  ['-0', 0, '0s'],
  ['-1h', -3_600_000, '-1h0m0s'],
  ['+5m', 300_000, '5m0s'],
  ['8760h', 31_536_000_000, '8760h0m0s'],
])('the duration %s is read and written as Go does', (text, milliseconds, normal) => {
  expect(parseDuration(text)).toBeCloseTo(milliseconds, 9);
  expect(formatDuration(parseDuration(text))).toBe(normal);
});

test.each([
  ['', 'invalid duration ""'],
  ['5', 'missing unit'],
  ['1d', 'unknown unit "d"'],
  ['1h 2m', 'unknown unit "h "'],
  ['1h-1m', 'unknown unit "h-"'],
  ['.s', 'invalid duration'],
  ['x', 'invalid duration'],
  ['2562047h47m16.854775808s', 'invalid duration'],
])('the duration "%s" is refused', (text, message) => {
  expect(() => parseDuration(text)).toThrow(message);
});

test('formatting and parsing a duration returns the same duration', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (microseconds) => {
      const milliseconds = microseconds / 1000;
      expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
    }),
  );
});

test('the longest durations are written unchanged', () => {
  for (const text of ['2562047h47m16.854775807s', '-2562047h47m16.854775808s']) {
    expect(formatDuration(parseDuration(text))).toBe(text);
    expect(normalDuration(text)).toBe(text);
  }
});

test('normalDuration is exact to the nanosecond beyond 2^53 ns', () => {
  expect(normalDuration('87600h0.000000001s')).toBe('87600h0m0.000000001s');
});
