import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { ipFamily } from './ip-family.ts';

const address = fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6());
/** Texts that differ from an address by a few letters. */
const almost = fc
  .tuple(
    address,
    fc.nat(40),
    fc.nat(3),
    fc.string({ unit: fc.constantFrom(...':.0125fFg%/ '), maxLength: 3 }),
  )
  .map(([text, at, count, inserted]) => text.slice(0, at) + inserted + text.slice(at + count));

test.each([
  ['1:2:3:4:5:6:7:8', 6],
  ['1:2:3:4:5:6:7::', 6],
  ['1:2:3:4:5:6:7:8::', 0],
  ['1:2:3:4:5:6:1.2.3.4', 6],
  ['1:2:3:4:5:6:7:1.2.3.4', 0],
  ['::1.2.3.04', 0],
  ['1.2.3.4::', 0],
  ['1::2::3', 0],
  [':::', 0],
  [':1', 0],
  ['', 0],
])('the family of the address "%s" is that of the runtime', (text, family) => {
  expect([ipFamily(text), isIP(text)]).toEqual([family, family]);
});

test('ipFamily returns the same as isIP of the runtime for any text without a zone', () => {
  fc.assert(
    fc.property(fc.oneof(address, almost, fc.string()), (text) => {
      fc.pre(!text.includes('%'));
      expect(ipFamily(text)).toBe(isIP(text));
    }),
    { numRuns: 2000 },
  );
});
