import { expect, test } from 'vitest';

import { formatResults, mergeResults, parseResults, type Result } from './e2e-results.ts';

const first: Result = {
  file: 'variants',
  scenario: 'dual stack',
  state: 'passed',
  seconds: '31.1',
  when: '2026-11-29 03:17',
};

test('the results of end-to-end scenarios are read as they were written', () => {
  const results = [first, { ...first, file: 'fields', scenario: 'every field' }];
  expect(parseResults(formatResults(results))).toEqual([results[1], first]);
});

test('of two results of one scenario the later one is kept', () => {
  const later = { ...first, state: 'failed', when: '2026-11-30 00:00' };
  expect(mergeResults([first], [later])).toEqual([later]);
  expect(mergeResults([later], [first])).toEqual([later]);
});

test('the result of a scenario that did not run again is kept', () => {
  const other = { ...first, scenario: 'IPv6 only' };
  expect(mergeResults([first], [other])).toEqual([first, other]);
});
