import { expect, test } from 'vitest';
import { KubeApiError } from '../errors.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { adminKubeconfig } from '../kubeconfig/kubeconfig.fixture.ts';
import { unupgradedControlPlanes } from './unupgraded-control-planes.ts';

/** A cluster with these control planes and the versions of their API servers. */
function clusterOf(versions: Readonly<Record<string, string>>): MemoryHost {
  const host = createMemoryHost();
  for (const [nodeName, version] of Object.entries(versions)) {
    const labels = { component: 'kube-apiserver' };
    host.api.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `kube-apiserver-${nodeName}`, namespace: 'kube-system', labels },
      spec: { nodeName, containers: [{ name: 'kube-apiserver', image: `kube-apiserver:${version}` }] },
    });
  }
  return host;
}

async function unupgraded(host: MemoryHost): Promise<readonly string[]> {
  const policy = { clock: host.clock, timeoutMs: 60_000, signal: new AbortController().signal };
  return await unupgradedControlPlanes(host.kube(adminKubeconfig), 'cp1', policy);
}

test('names the control planes with another version than this one', async () => {
  const host = clusterOf({ cp3: 'v1.35.4', cp2: 'v1.35.4', cp1: 'v1.36.2' });
  expect(await unupgraded(host)).toEqual(['cp2', 'cp3']);
});

test('asks an API server again that cannot answer right after its start', async () => {
  const host = clusterOf({ cp1: 'v1.36.2' });
  let failures = 0;
  host.api.intercept = () => {
    failures += 1;
    return failures > 3 ? undefined : new KubeApiError(500, 'InternalError', 'etcdserver: request timed out');
  };
  expect(await unupgraded(host)).toEqual([]);
});

test('refuses a cluster without an API server of this node', async () => {
  await expect(unupgraded(clusterOf({ cp2: 'v1.36.2' }))).rejects.toThrow(
    'the cluster has no Pod of kube-apiserver on node cp1',
  );
});
