import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalQuantity } from './quantity.ts';

describe('canonicalQuantity', () => {
  test.each([
    ['1', '1'],
    ['1000', '1k'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['0.1', '100m'],
    ['1.5Gi', '1536Mi'],
    ['1024Mi', '1Gi'],
    ['1023Ki', '1023Ki'],
    ['0.5Ki', '512'],
    ['1024', '1024'],
    ['1000Ki', '1000Ki'],
    ['12E6', '12e6'],
    ['100e3', '100e3'],
    ['1e-3', '1e-3'],
    ['1E', '1E'],
    ['-1.5Gi', '-1536Mi'],
    ['+5', '5'],
    ['0Mi', '0'],
    ['0.0000000001', '1n'],
    ['5n', '5n'],
    [' 1 ', '1'],
  ])('%j is %s', (text, expected) => {
    expect(canonicalQuantity(text)).toBe(expected);
  });

  test.each(['', 'x', '1x', '.', '-', '1 Gi', '1GiB', '1ki', '0x1'])('%j is no quantity', (text) => {
    expect(canonicalQuantity(text)).toBeUndefined();
  });

  test('is canonical already when it is asked again', () => {
    const suffix = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3');
    fc.assert(
      fc.property(fc.nat(), fc.nat(999), suffix, (whole, fraction, unit) => {
        const once = canonicalQuantity(`${whole}.${fraction}${unit}`) ?? '';
        expect(canonicalQuantity(once)).toBe(once);
      }),
    );
  });
});
