import { expect, test } from 'vitest';
import { findCauses } from '../../src/diagnosis/diagnose.ts';
import { rules } from '../../src/diagnosis/rules/index.ts';
import { examples } from './troubleshooting-examples.ts';

test('docs/troubleshooting.md has an example for each rule, and no others', () => {
  expect(Object.keys(examples).toSorted()).toEqual(rules.map(({ name }) => name).toSorted());
});

test.each(rules.map(({ name }) => name))(
  'the example of %s leads to the rule, and a root comes first',
  (name) => {
    const example = examples[name];
    if (example === undefined) throw new Error(name);
    expect(findCauses(example.facts)[0]?.rule).toBe(name);
  },
);
