import { expect, test } from 'vitest';

import { humanDuration } from './human-duration.ts';

const [minute, hour, day, year] = [60, 3600, 86_400, 31_536_000];

test.each([
  [-2, '<invalid>'],
  [-1, '0s'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [5 * minute + 30, '5m30s'],
  [10 * minute + 30, '10m'],
  [3 * hour - 1, '179m'],
  [3 * hour, '3h'],
  [3 * hour + 5 * minute, '3h5m'],
  [8 * hour + 5 * minute, '8h'],
  [48 * hour - 1, '47h'],
  [48 * hour, '2d'],
  [53 * hour, '2d5h'],
  [8 * day, '8d'],
  [year - 1, '364d'],
  [2 * year - 1, '729d'],
  [2 * year, '2y'],
  [2 * year + 10 * day, '2y10d'],
  [10 * year - 1, '9y'],
])('%d seconds are %s', (seconds, text) => {
  expect(humanDuration(seconds)).toBe(text);
});
