import { expect, test } from 'vitest';

import { createMemoryHost } from '../../host/memory/index.ts';
import { adminKubeconfig } from '../../kubeconfig/kubeconfig.fixture.ts';
import { recordRun } from './record-run.ts';
import { inCluster, resetInput, runPhase } from './reset.fixture.ts';

test('a reset warns of the keys that the cluster has in another folder than the one that it empties', async () => {
  const cluster = inCluster(adminKubeconfig, { certificatesDir: '/opt/pki' });
  const { lines } = await runPhase(recordRun, createMemoryHost(), resetInput({ cluster }));
  expect(lines).toEqual([
    expect.stringMatching(/this cluster are left in "\/opt\/pki".*'kubeadm reset --cert-dir \/opt\/pki'/),
  ]);
});

test('a reset that empties the folder of the cluster does not warn', async () => {
  const cluster = inCluster(adminKubeconfig, { certificatesDir: '/opt/pki' });
  const input = resetInput({ cluster, certificatesDir: '/opt/pki' });
  expect((await runPhase(recordRun, createMemoryHost(), input)).lines).toEqual([]);
});

test('a fault of kubeadm in the search for the etcd data ends the phase', async () => {
  const host = createMemoryHost({ files: { '/etc/kubernetes/manifests/etcd.yaml': 'spec: {}\n' } });
  const fault = new TypeError('a fault');
  const readText = async (): Promise<string> => await Promise.reject(fault);
  const { error } = await runPhase(recordRun, { ...host, files: { ...host.files, readText } }, resetInput());
  expect(error).toBe(fault);
});
