import { expect, test } from 'vitest';
import { facts, machine } from '../facts.fixture.ts';
import type { EndpointFacts, MachineFacts } from '../facts.ts';
import { clockDiffers } from './clock-differs.ts';

const find = (endpoint: Partial<EndpointFacts>, changes: Partial<MachineFacts> = {}) =>
  clockDiffers.find(
    facts({
      machine: machine({
        addresses: ['10.0.0.6'],
        endpoint: {
          server: 'https://cluster.example:6443',
          host: 'cluster.example',
          addresses: ['10.0.0.5'],
          failingMs: 0,
          ...endpoint,
        },
        ...changes,
      }),
    }),
  );

test.each([
  [7200, '2h0m0s behind'],
  [-90, '1m30s ahead of'],
])('a clock that differs by %d s is likely a cause, and never ends a wait', (aheadSeconds, relation) => {
  expect(find({ aheadSeconds })).toMatchObject([
    {
      certainty: 'likely',
      component: 'clock',
      summary: `the clock of this machine is ${relation} the clock of the API server at https://cluster.example:6443, so certificates and tokens may not be valid`,
    },
  ]);
});

test('a difference of up to a minute, or one that is not known, is not a finding', () => {
  expect(find({ aheadSeconds: 60 })).toEqual([]);
  expect(find({ aheadSeconds: -60 })).toEqual([]);
  expect(find({})).toEqual([]);
});

test('a machine that is or may be the server itself has no other clock', () => {
  expect(find({ aheadSeconds: 7200, addresses: ['10.0.0.5', '10.0.0.6'] })).toEqual([]);
  expect(find({ aheadSeconds: 7200, addresses: ['127.0.0.1'] })).toEqual([]);
  const { addresses: _, ...unknown } = machine();
  expect(clockDiffers.find(facts({ machine: unknown }))).toEqual([]);
});
