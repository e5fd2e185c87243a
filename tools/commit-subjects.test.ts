import { expect, test } from 'vitest';

import { problemOf } from './commit-subjects.ts';

test('a subject of 72 characters in the imperative keeps the rule', () => {
  expect(problemOf(`Retry ${'a'.repeat(66)}`)).toBeUndefined();
});

test.each([
  [`Retry ${'a'.repeat(67)}`, /73 characters, at most 72/],
  ['retry the member list on 429', /capital/],
  ['Retry the member list on 429.', /period/],
])('the subject %j is refused', (subject, reason) => {
  expect(problemOf(subject)).toMatch(reason);
});
