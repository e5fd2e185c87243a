import { expect, test } from 'vitest';

import { parseFeatureGates } from './feature-gates.ts';

test('feature gates are read from a list of pairs', () => {
  expect(parseFeatureGates(',NodeLocalCRISocket = T,')).toEqual({ NodeLocalCRISocket: true });
});

test.each([' ', 'NodeLocalCRISocket', 'NodeLocalCRISocket=true, '])('%j lacks a value', (text) => {
  expect(() => parseFeatureGates(text)).toThrow('missing bool value');
});
