import { expect, test } from 'vitest';
import { facts } from '../facts.fixture.ts';
import type { KubeletFacts } from '../facts.ts';
import { rules } from './index.ts';

const run = {
  exitCode: 1,
  log: ['failed to validate kubelet configuration: the container runtime endpoint address was not specified'],
};
const exiting: KubeletFacts = { state: 'activating', exitsEver: 3, exits: 2, runs: [run, run] };

function first(kubelet: KubeletFacts) {
  const evidence = facts({ kubelet });
  return rules.map((rule) => rule.find(evidence)).find((cause) => cause !== undefined);
}

test.each([
  ['keeps exiting', exiting],
  ['runs without Pods', { ...exiting, state: 'active', exits: 0, runs: [] }],
])('a kubelet without --config that %s is told to need the drop-in', (_, kubelet) => {
  const cause = first({ ...kubelet, withoutConfig: true });
  expect(cause).toMatchObject({
    code: 'kubelet-failed',
    summary: expect.stringContaining('without the flag --config'),
    advice: expect.stringContaining('10-kubeadm.conf'),
  });
  expect(cause?.advice).not.toContain('KubeletConfiguration');
});

test('a kubelet that has or may have --config is judged by its output', () => {
  for (const kubelet of [exiting, { ...exiting, withoutConfig: false }]) {
    expect(first(kubelet)?.advice).toContain('KubeletConfiguration');
  }
});
