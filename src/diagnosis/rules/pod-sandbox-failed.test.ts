import { expect, test } from 'vitest';
import { diagnose, diagnoseFailure } from '../diagnose.ts';
import { facts, running } from '../facts.fixture.ts';
import type { SandboxFailure } from '../facts.ts';
import { journalFailures } from '../gather/journal.ts';

const id = '0a1b'.repeat(16);

/** Three tries of the kubelet, as its journal has them. */
function tries(pod: string, error: string, count = 3): readonly SandboxFailure[] {
  const line = `E1201 13:00:17.490243     228 kuberuntime_sandbox.go:70] "Failed to create sandbox for pod" err="rpc error: code = Unknown desc = failed to setup network for sandbox \\"${id}\\": ${error}" pod="${pod}"`;
  return journalFailures(Array(count).fill(line), 0).sandboxes;
}

const flannel =
  'plugin type=\\"flannel\\" failed (add): loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory';

const factsOf = (sandboxes: readonly SandboxFailure[]) => facts({ components: running, sandboxes });
const find = (sandboxes: readonly SandboxFailure[]) => diagnose(factsOf(sandboxes));

test.each([
  [flannel, 'plugin type="flannel" failed (add): loadFlannelSubnetEnv failed: open /run/flannel/subnet.env'],
  [
    'plugin type=\\"bridge\\" failed (add): failed to set bridge addr: \\"cni0\\" already has an IP address different from 10.244.1.1/24',
    '"cni0" already has an IP address different from 10.244.1.1/24',
  ],
  [
    'plugin type=\\"bridge\\" failed (add): failed to find plugin \\"bridge\\" in path [/opt/cni/bin]',
    'failed to find plugin "bridge" in path [/opt/cni/bin]',
  ],
])('a network add-on that fails is named with its own words: %s', (error, words) => {
  const sandboxes = tries('kube-system/coredns-589f44dc88-6w5np', error);
  const [found, ...others] = find(sandboxes);
  expect(found).toMatchObject({
    rule: 'pod-sandbox-failed',
    component: 'Pod network',
    certainty: 'likely',
  });
  expect(found?.summary).toMatch(
    /^the Pod kube-system\/coredns-589f44dc88-6w5np cannot start, because the net/,
  );
  expect(found?.summary).toContain(words);
  expect(diagnoseFailure(factsOf(sandboxes))).toEqual([]);
  expect(others).toEqual([]);
});

test('Pods with the same failure are named once, and others apart', () => {
  const sandboxes = [
    ...tries('kube-system/coredns-a-1', flannel),
    ...tries('kube-system/coredns-a-2', flannel),
    ...tries('default/web-0', 'plugin type=\\"portmap\\" failed (add): cannot find the iptables'),
  ];
  expect(find(sandboxes).map(({ summary }) => summary)).toEqual([
    expect.stringMatching(/^the Pod kube-system\/coredns-a-1 and one more cannot start/),
    expect.stringMatching(/^the Pod default\/web-0 cannot start.*portmap/),
  ]);
});

test.each([
  ['two failures', tries('default/web-0', flannel, 2)],
  ['a name that is reserved', tries('default/web-0', 'name \\"web\\" is reserved for \\"x\\"')],
])('the network add-on is not blamed for %s', (_, sandboxes) => {
  expect(find(sandboxes)).toEqual([]);
});
