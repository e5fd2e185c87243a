import { expect, test } from 'vitest';

import { connectToEtcd } from '../../etcd/connect.ts';
import { joinMember } from '../../etcd/join-member.ts';
import type { KubeadmEvent } from '../../events.ts';
import { adminKubeconfig } from '../../kubeconfig/kubeconfig.fixture.ts';
import type { InitialMember } from '../../manifests/etcd.ts';
import { createMemoryHost } from '../memory/index.ts';
import { createDryRun } from './index.ts';
import { madeUp } from './made-up.ts';

test('a dry run of a join reports the member of etcd that it would add, without an etcd or a cluster', async () => {
  const files = Object.fromEntries(
    ['ca.crt', 'healthcheck-client.crt', 'healthcheck-client.key'].map((name) => [
      `/etc/kubernetes/pki/etcd/${name}`,
      name,
    ]),
  );
  const real = createMemoryHost({ files });
  real.api.reachable = false;
  real.etcdCluster.reachable = false;
  const events: KubeadmEvent[] = [];
  const dryRun = createDryRun(real, { madeUp: madeUp.join });
  const emit = (event: KubeadmEvent) => {
    const reported = dryRun.reported(event);
    if (reported !== undefined) events.push(reported);
  };
  const host = dryRun.host(emit);
  const { signal } = new AbortController();
  const timeouts = { kubernetesAPICall: 60_000, etcdAPICall: 120_000 };
  const cluster = { client: host.kube(adminKubeconfig), certificatesDir: '/etc/kubernetes/pki' };
  const client = await connectToEtcd(host, cluster, { emit, signal, timeouts, topic: 'etcd' });
  let named: readonly InitialMember[] = [];
  const own = { name: 'cp2', peerURL: 'https://10.0.0.6:2380', dataDir: '/var/lib/etcd', ownsData: false };
  const member = {
    install: async (members: readonly InitialMember[]) => {
      named = members;
    },
    uninstall: async () => undefined,
    restart: async () => false,
    record: async () => undefined,
    takesPeers: async () => true,
  };
  await joinMember(host, client, { own, member, context: { emit, signal, timeoutMs: 120_000 } });
  expect(named).toEqual([{ name: 'cp2', peerURL: own.peerURL }]);
  expect(events.filter(({ type }) => type !== 'detail' && type !== 'would-call')).toEqual([
    { type: 'would-add-member', peerURL: own.peerURL },
    { type: 'would-promote-member', id: '2' },
    { type: 'progress', topic: 'dryrun', message: 'Would wait for the new etcd member to join the cluster' },
  ]);
  expect(real.clock.monotonic()).toBe(0);
  expect(real.gate.writes).toEqual([]);
});
