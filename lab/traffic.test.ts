import { expect, test } from 'vitest';

import { cutRules, healRules, lossRules } from './traffic.ts';

test('a cut drops the packets of both directions, and healing it removes both', () => {
  const both = '02:58:00:00:00:0a . 02:58:00:00:00:0b, 02:58:00:00:00:0b . 02:58:00:00:00:0a';
  expect(cutRules([10, 11], true).trimEnd().split('\n').at(-1)).toBe(
    `add element bridge lab cut { ${both} }`,
  );
  expect(cutRules([10, 11], false).trimEnd().split('\n').at(-1)).toBe(
    `delete element bridge lab cut { ${both} }`,
  );
  expect(healRules.trimEnd().split('\n').at(-1)).toBe('flush set bridge lab cut');
});

test('loss is a share of the packets from and to the node, and no loss has no rule', () => {
  expect(lossRules(10, 2.5).match(/numgen random mod 10000 < 250 drop/g)).toHaveLength(2);
  expect(lossRules(10, 100)).not.toContain('numgen');
  expect(lossRules(10, 0)).not.toContain('drop');
  expect(() => lossRules(10, 101)).toThrow(/from 0 to 100/);
  expect(() => lossRules(10, Number.NaN)).toThrow(/from 0 to 100/);
});
