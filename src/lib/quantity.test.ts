import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalQuantity } from './quantity.ts';

describe('canonicalQuantity', () => {
  // The expected values are those of k8s.io/apimachinery v0.36.2, except for 1000E.
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
    ['12E6', '12E6'],
    ['120E5', '12e6'],
    ['100e3', '100e3'],
    ['1e-3', '1e-3'],
    ['1E', '1E'],
    ['-1.5Gi', '-1536Mi'],
    ['+5', '+5'],
    ['+1000', '1k'],
    ['5.', '5.'],
    ['3.14E2', '3.14E2'],
    ['1.500', '1.500'],
    ['01Ki', '01Ki'],
    ['1.0001Ki', '1024102400u'],
    ['100Ei', '9223372036854775807'],
    ['-100Ei', '-9223372036854775807'],
    ['9223372036854775808', '9223372036854775808'],
    ['1000E', '1000E'],
    ['-', '0'],
    ['Ki', '0'],
    ['0Mi', '0'],
    ['0.0000000001', '1n'],
    ['5n', '5n'],
    [' 1 ', '1'],
  ])('the quantity %j is written as %s', (text, expected) => {
    expect(canonicalQuantity(text)).toBe(expected);
  });

  test.each(['', ' ', 'x', '1x', 'Pi', '1 Gi', '1GB', '1GiB', '1K', '1ki', '0x1', '1e2.5', '1e', '1e1001'])(
    'the text %j is not a quantity',
    (text) => {
      expect(canonicalQuantity(text)).toBeUndefined();
    },
  );

  test('a canonical quantity stays unchanged', () => {
    const suffix = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3');
    fc.assert(
      fc.property(fc.nat(), fc.nat(999), suffix, (whole, fraction, unit) => {
        const once = canonicalQuantity(`${whole}.${fraction}${unit}`) ?? '';
        expect(canonicalQuantity(once)).toBe(once);
      }),
    );
  });
});
