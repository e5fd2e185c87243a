import { expect, test } from 'vitest';

import type { KubeadmEvent } from '../../events.ts';
import { bootableMachine } from '../../run-record/machine.fixture.ts';
import { runInit } from './run.ts';

const configText = `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: 10.0.0.5}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.2
encryptionAlgorithm: ECDSA-P256
`;

/** The files that the event reports as written. */
function writtenFiles(event: KubeadmEvent): readonly string[] {
  switch (event.type) {
    case 'manifest-written':
      return [`/etc/kubernetes/manifests/${event.component}.yaml`];
    case 'kubelet-file-written':
      return [event.file];
    case 'kubeconfig-written':
      return [`/etc/kubernetes/${event.file}`];
    case 'certificate-generated': {
      const pair = event.key === 'sa' ? ['key', 'pub'] : ['key', 'crt'];
      return pair.map((extension) => `/etc/kubernetes/pki/${event.name}.${extension}`);
    }
    default:
      return [];
  }
}

/** Runs init, and returns the files that an event named before they existed. */
async function namedTooEarly(host: ReturnType<typeof bootableMachine>) {
  const early: string[] = [];
  const named: string[] = [];
  const record = ({ event }: { readonly event: KubeadmEvent }): void => {
    const files = writtenFiles(event);
    named.push(...files);
    const there = host.snapshot();
    early.push(...files.filter((file) => there[file] === undefined));
  };
  const failure = await runInit(host, { configText }, { record }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { early, failure, named };
}

test('an event names a file of init only after it is written', async () => {
  const { early, failure, named } = await namedTooEarly(bootableMachine({}, 5));
  expect(failure).toBeUndefined();
  expect(named).toContain('/etc/kubernetes/manifests/etcd.yaml');
  expect(named).toContain('/etc/kubernetes/pki/sa.pub');
  expect(named.length).toBeGreaterThan(30);
  expect(early).toEqual([]);
});

test.each([
  '/etc/kubernetes/manifests/kube-scheduler.yaml',
  '/etc/kubernetes/pki/front-proxy-ca.crt',
  '/etc/kubernetes/pki/sa.pub',
  '/etc/kubernetes/scheduler.conf',
  '/var/lib/kubelet/config.yaml',
])('no event names %s when the disk is full', async (file) => {
  const host = bootableMachine({}, 5);
  host.disk.fail(file, 'ENOSPC', 'write');
  const { early, failure, named } = await namedTooEarly(host);
  expect(failure).toMatchObject({ code: 'file' });
  expect(named).not.toContain(file);
  expect(early).toEqual([]);
});
