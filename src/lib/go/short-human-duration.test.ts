import { expect, test } from 'vitest';

import { shortHumanDuration } from './short-human-duration.ts';

const second = 1000;
const hour = 3600 * second;

test.each([
  [-2 * second, '<invalid>'],
  [-1.999 * second, '0s'],
  [0, '0s'],
  [59.9 * second, '59s'],
  [60 * second, '1m'],
  [hour - 1, '59m'],
  [24 * hour - 1, '23h'],
  [24 * hour, '1d'],
  [365 * 24 * hour - 1, '364d'],
  [366 * 24 * hour, '1y'],
])('%d ms are shown as %s', (milliseconds, text) => {
  expect(shortHumanDuration(milliseconds)).toBe(text);
});
