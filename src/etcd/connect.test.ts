import { expect, test } from 'vitest';

import { messageOf } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import type { MemoryHost } from '../host/memory/index.ts';
import { adminKubeconfig } from '../kubeconfig/kubeconfig.fixture.ts';
import { checkEtcdHealth } from './check-health.ts';
import { etcdMember, hostWithEtcd } from './cluster.fixture.ts';
import { connectToEtcd } from './connect.ts';

const members = [etcdMember('a', '10.0.0.5'), etcdMember('b', '10.0.0.6'), etcdMember('c', '10.0.0.7')];

async function connect(host: MemoryHost, { etcdAPICall = 120_000 } = {}) {
  const { signal } = new AbortController();
  const events: KubeadmEvent[] = [];
  const emit = (event: KubeadmEvent) => void events.push(event);
  const timeouts = { kubernetesAPICall: 60_000, etcdAPICall };
  const cluster = { client: host.kube(adminKubeconfig), certificatesDir: '/etc/kubernetes/pki' };
  const client = await connectToEtcd(host, cluster, { emit, signal, timeouts, topic: 'etcd' });
  return { endpoints: client.endpoints(), events };
}

test('a client of etcd has the endpoints of all voting members, not only those of the Pods', async () => {
  const host = hostWithEtcd(members);
  host.api.delete({ apiVersion: 'v1', kind: 'Pod', name: 'etcd-b', namespace: 'kube-system' });
  host.etcdCluster.members.set('d', etcdMember('d', '10.0.0.8', { isLearner: true }));
  expect((await connect(host)).endpoints).toEqual([5, 6, 7].map((last) => `https://10.0.0.${last}:2379`));
});

test('one member of etcd that does not answer does not delay a client', async () => {
  const host = hostWithEtcd(members);
  host.etcdCluster.unreachable.add('https://10.0.0.5:2379');
  const { events } = await connect(host);
  expect(host.clock.monotonic()).toBe(0);
  expect(events.map(({ type }) => type)).toEqual(['detail']);
});

test('a client of etcd waits for the Pods as long as kubernetesAPICall, and for a member as long as etcdAPICall', async () => {
  const none = hostWithEtcd([]);
  expect(await connect(none).catch(messageOf)).toMatch(/endpoints of the etcd Pods.*0 of 0 etcd Pods/);
  expect(none.clock.monotonic()).toBe(60_000);
  const speechless = hostWithEtcd(members);
  speechless.etcdCluster.reachable = false;
  speechless.machine.listening.add(2379);
  expect(await connect(speechless).catch(messageOf)).toMatch(
    /waited 120\.0s for the list of etcd members .* no etcd member answers/,
  );
});

test('a client of etcd waits for a minute, or for a shorter etcdAPICall, if no member takes a connection', async () => {
  for (const etcdAPICall of [120_000, 5_000]) {
    const host = hostWithEtcd(members);
    host.etcdCluster.reachable = false;
    host.machine.silent.add('https://10.0.0.5:2379');
    const error = await connect(host, { etcdAPICall }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'etcd',
      message: expect.stringMatching(
        /^no member of etcd takes a connection of this node: https:\/\/10\.0\.0\.5:2379 \(no answer\), https:\/\/10\.0\.0\.6:2379 \(connection refused\), /,
      ),
      hint: expect.stringContaining('firewall'),
    });
    const waited = Math.min(60_000, etcdAPICall);
    expect(host.clock.monotonic()).toBeGreaterThanOrEqual(waited);
    expect(host.clock.monotonic()).toBeLessThan(waited + 1_000);
  }
});

test('a check of etcd warns of a member that is not healthy, and ends because the others have a quorum', async () => {
  const host = hostWithEtcd(members);
  host.etcdCluster.errors.set('https://10.0.0.6:2379', ['etcdserver: no space']);
  const events: KubeadmEvent[] = [];
  await checkEtcdHealth(
    host,
    { client: host.kube(adminKubeconfig), certificatesDir: '/etc/kubernetes/pki' },
    {
      emit: (event) => void events.push(event),
      signal: new AbortController().signal,
      timeouts: { kubernetesAPICall: 60_000, etcdAPICall: 120_000 },
      topic: 'check-etcd',
    },
  );
  expect(events.filter(({ type }) => type !== 'detail')).toEqual([
    { type: 'etcd-health-checking' },
    {
      type: 'warning',
      code: 'etcd-member-unhealthy',
      topic: 'check-etcd',
      message: expect.stringMatching(/etcd member b \(node-b\).*no space/),
    },
  ]);
});

test('a client of etcd says which certificate is missing', async () => {
  const host = hostWithEtcd(members);
  await host.files.remove('/etc/kubernetes/pki/etcd/healthcheck-client.key');
  expect(await connect(host).catch(messageOf)).toContain('/etc/kubernetes/pki/etcd/healthcheck-client.key');
});
