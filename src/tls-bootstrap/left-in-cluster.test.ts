import { expect, test } from 'vitest';

import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { buildKubeconfig } from '../kubeconfig/build.ts';
import { warnOfLeftObjects } from './left-in-cluster.ts';
import { signingRequest } from './signing-request.fixture.ts';

const kubeconfig = buildKubeconfig({
  clusterName: 'kubernetes',
  server: 'https://10.0.0.5:6443',
  user: { name: 'admin', token: 'abcdef.0123456789abcdef' },
});

async function warningsOf(host: MemoryHost, mayBeMember: boolean): Promise<readonly string[]> {
  const events: KubeadmEvent[] = [];
  await warnOfLeftObjects(host.kube(kubeconfig), {
    nodeName: 'node1',
    mayBeMember,
    emit: (event) => void events.push(event),
    signal: new AbortController().signal,
  });
  return events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
}

test('each object is named with the command that removes it', async () => {
  const host = createMemoryHost();
  host.api.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node1' } });
  host.api.create(await signingRequest('csr-1'));
  host.api.create(await signingRequest('csr-2'));
  const [warning] = await warningsOf(host, true);
  expect(warning).toMatch(
    /has the Node node1, the certificate signing request csr-\d, .*csr-\d, a member of etcd/,
  );
  expect(warning).toMatch(
    /'kubeadm reset' here, and then 'kubectl delete node node1' and 'kubectl delete csr csr-\d csr-\d' on/,
  );
});

test('a member of etcd needs only a reset', async () => {
  expect(await warningsOf(createMemoryHost(), true)).toEqual([
    "The cluster has a member of etcd of this machine. To remove all of it, run 'kubeadm reset' here.",
  ]);
});

test('a cluster without objects of this machine, or that does not answer, gives no warning', async () => {
  const host = createMemoryHost();
  host.api.create(await signingRequest('csr-2', { nodeName: 'node2' }));
  expect(await warningsOf(host, false)).toEqual([]);
  host.api.reachable = false;
  expect(await warningsOf(host, false)).toEqual([]);
});
