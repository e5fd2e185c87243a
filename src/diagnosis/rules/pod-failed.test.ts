import { expect, test } from 'vitest';
import { componentNames, facts, machine, running } from '../facts.fixture.ts';
import type { PodFailure } from '../facts.ts';
import { manifestUnreadable, podFailed, resolvConfMissing } from './pod-failed.ts';

const volume: PodFailure = {
  pod: 'kube-system/kube-apiserver-cp',
  message: 'volume audit: hostPath type check failed: /etc/audit is not a directory',
  at: 3000,
};
const scheduler = (at: number): PodFailure => ({
  pod: 'kube-system/kube-scheduler-cp',
  message: 'runtime handler is busy',
  at,
});

test('the rule for Pods names the component and what the kubelet reports of its volume', () => {
  const find = (elapsedMs: number) => podFailed.find(facts({ elapsedMs, podFailures: [volume] }));
  expect(find(5900)).toEqual([]);
  expect(find(6000)).toMatchObject([
    {
      component: 'kube-apiserver',
      certainty: 'certain',
      summary: expect.stringMatching(
        /kube-apiserver is not started.*hostPath type check failed: \/etc\/audit/,
      ),
      remedy: { kind: 'steps', text: expect.stringContaining('extraVolumes') },
    },
  ]);
});

test('the rule for Pods waits for the second failure if the first may pass', () => {
  const find = (...podFailures: readonly PodFailure[]) =>
    podFailed.find(facts({ elapsedMs: 60_000, podFailures }));
  expect(find(scheduler(3000))).toEqual([]);
  expect(find(scheduler(3000), scheduler(14_000))).toMatchObject([{ component: 'kube-scheduler' }]);
});

test('the rule for Pods ignores a component that has a container', () => {
  expect(podFailed.find(facts({ elapsedMs: 60_000, podFailures: [volume], components: running }))).toEqual(
    [],
  );
});

test('the rule for manifests names the file that the kubelet cannot read', () => {
  const pod = '/etc/kubernetes/manifests/etcd.yaml';
  const failure = { pod, message: `${pod}: couldn't parse as pod(yaml: line 3)`, at: 3000 };
  expect(manifestUnreadable.find(facts({ elapsedMs: 9000, podFailures: [failure] }))).toMatchObject([
    { component: 'etcd', summary: expect.stringContaining(pod) },
  ]);
  expect(componentNames).toContain('etcd');
});

test('the rule for resolvConf is certain if the kubelet reports the file', () => {
  const path = '/etc/none';
  const message = `failed to generate sandbox config for pod: open ${path}: no such file or directory`;
  const find = (exists: boolean, ...podFailures: readonly PodFailure[]) =>
    resolvConfMissing.find(facts({ podFailures, machine: machine({ resolvConf: { path, exists } }) }));
  expect(find(false, { pod: 'kube-system/etcd-cp', message, at: 3000 })).toMatchObject([
    { component: 'kubelet', certainty: 'certain', remedy: { field: 'resolvConf' }, evidence: [message] },
  ]);
  expect(find(false)).toMatchObject([{ certainty: 'likely' }]);
  expect(find(true)).toEqual([]);
});

test('a static Pod without hostNetwork is a cause, and an add-on that waits for the Pod network is not', () => {
  const message = 'network is not ready: container runtime network not ready: NetworkReady=false';
  const find = (name: string) =>
    podFailed.find(
      facts({
        components: [{ name, state: 'no-sandbox', exits: 0, runs: [] }],
        podFailures: [3000, 6000].map((at) => ({ pod: `kube-system/${name}-cp`, message, at })),
      }),
    );
  expect(find('kube-apiserver')).toMatchObject([
    { certainty: 'certain', summary: expect.stringContaining('its Pod has no hostNetwork') },
  ]);
  expect(find('coredns')).toEqual([]);
});

test('a Pod that the kubelet does not admit is a cause, because it is not tried again', () => {
  const message = "admission denied (OutOfmemory): Node didn't have enough resource: memory";
  const podFailures = [{ pod: 'kube-system/etcd-cp', message, at: 3000 }];
  expect(podFailed.find(facts({ podFailures }))).toMatchObject([
    { component: 'etcd', certainty: 'certain', summary: expect.stringContaining(message) },
  ]);
});
