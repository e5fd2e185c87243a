import { expect, test } from 'vitest';

import { parseTime } from './time.ts';

test.each([
  ['2030-01-02T03:04:05Z', '2030-01-02T03:04:05.000Z'],
  ['2030-01-02T03:04:05,678+02:00', '2030-01-02T01:04:05.000Z'],
  ['2028-02-29T23:59:59Z', '2028-02-29T23:59:59.000Z'],
])('%s is a time', (text, instant) => {
  expect(parseTime(text)?.toISOString()).toBe(instant);
});

test.each([
  '2030-02-30T00:00:00Z',
  '2030-02-29T00:00:00Z',
  '2030-13-01T00:00:00Z',
  '2030-01-01T24:00:00Z',
  '2030-01-01T00:00:60Z',
  '2030-01-01',
  '2030-01-01 00:00:00Z',
  '',
])('%j is not a time', (text) => {
  expect(parseTime(text)).toBeUndefined();
});
