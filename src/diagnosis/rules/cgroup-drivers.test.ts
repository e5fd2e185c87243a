import { expect, test } from 'vitest';
import { componentNames, facts, running, withRuns } from '../facts.fixture.ts';
import type { Facts } from '../facts.ts';
import { journalFailures } from '../gather/journal.ts';
import type { CgroupFacts } from '../setup-facts.ts';
import { cgroupDriversDiffer } from './cgroup-drivers.ts';

/** A line of a kubelet with containerd 1.7 and runc 1.1. */
const line = (pod: string, path: string) =>
  `E1024 11:07:02.248491  397647 kuberuntime_sandbox.go:70] "Failed to create sandbox for pod" err="rpc error: code = Unknown desc = failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: expected cgroupsPath to be of format \\"slice:prefix:name\\" for systemd cgroups, got \\"${path}/64727a3e9a194101ac2491a955f0bba330e466ddd7df5bbcd3b2bb67226c3770\\" instead: unknown" pod="${pod}"`;

function failing(
  changes: Partial<Facts> = {},
  path = '/kubepods/burstable/poda668c4166c6878f474f019afbf7729d6',
) {
  const pods = componentNames.map((name) => line(`kube-system/${name}-node1`, path));
  return facts({ sandboxes: journalFailures(pods, 3_000).sandboxes, ...changes });
}

const drivers = (changes: Partial<CgroupFacts> = {}): Partial<Facts> => ({
  cgroups: { kubelet: 'cgroupfs', runtime: 'systemd', isTaken: false, ...changes },
});

test('a runtime that expects cgroups of systemd proves that the kubelet has another driver', () => {
  expect(cgroupDriversDiffer.find(failing(drivers()))).toMatchObject([
    {
      certainty: 'certain',
      summary: expect.stringMatching(/the kubelet uses the cgroup driver cgroupfs, .* runtime uses systemd/),
      remedy: { kind: 'kubelet-configuration', field: 'cgroupDriver' },
    },
  ]);
  expect(cgroupDriversDiffer.find(failing())).toMatchObject([{ certainty: 'certain' }]);
});

test('a kubelet that takes the driver of the runtime has to be restarted', () => {
  expect(cgroupDriversDiffer.find(failing(drivers({ kubelet: 'systemd', isTaken: true })))).toMatchObject([
    { remedy: { commands: ['systemctl restart kubelet'] } },
  ]);
});

test('the message does not end a wait while components run, or in the first seconds', () => {
  const likely = [{ certainty: 'likely' }];
  expect(cgroupDriversDiffer.find(failing({ components: running }))).toMatchObject(likely);
  expect(cgroupDriversDiffer.find(failing({ elapsedMs: 5_000 }))).toMatchObject(likely);
});

test('a runtime that uses cgroupfs by now, and a kubelet without cgroups of Pods, have no other driver', () => {
  expect(cgroupDriversDiffer.find(failing(drivers({ runtime: 'cgroupfs' })))).toEqual([]);
  expect(cgroupDriversDiffer.find(failing({}, '/k8s.io'))).toEqual([]);
});

test('a kubelet for systemd and a runtime for cgroupfs are a likely cause if components are killed', () => {
  const find = (run: object, changes: Partial<CgroupFacts> = {}, exits = 2) =>
    cgroupDriversDiffer.find({
      ...withRuns('etcd', [{ exitCode: 137, ...run }], exits),
      ...drivers({ kubelet: 'systemd', runtime: 'cgroupfs', ...changes }),
    });
  expect(find({})).toMatchObject([
    { certainty: 'likely', summary: expect.stringMatching(/uses cgroupfs, .* are killed \(etcd\)$/) },
  ]);
  expect(find({}, {}, 1)).toEqual([]);
  expect(find({ exitCode: 1 })).toEqual([]);
  expect(find({ reason: 'OOMKilled' })).toEqual([]);
  expect(find({}, { isTaken: true })).toEqual([]);
  expect(find({}, { runtime: 'systemd' })).toEqual([]);
});
