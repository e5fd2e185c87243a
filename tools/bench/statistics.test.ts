import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatMiB, formatSeconds, summarize } from './statistics.ts';

describe('summarize', () => {
  test('the median is the middle value, or the mean of the two in the middle', () => {
    expect(summarize([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(summarize([10, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 10 });
    expect(summarize([7])).toEqual({ median: 7, min: 7, max: 7 });
  });

  test('has as many values below the median as above, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const { median, min, max } = summarize(values);
        const below = values.filter((value) => value < median).length;
        const above = values.filter((value) => value > median).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
        expect([min, max]).toEqual([Math.min(...values), Math.max(...values)]);
      }),
    );
  });

  test('refuses an empty series', () => {
    expect(() => summarize([])).toThrow(RangeError);
  });
});

describe('format', () => {
  test('shows short times in milliseconds and long ones in seconds', () => {
    expect(formatSeconds(0.0854)).toBe('85 ms');
    expect(formatSeconds(6.204)).toBe('6.20 s');
    expect(formatMiB(72.6)).toBe('73 MiB');
  });
});
