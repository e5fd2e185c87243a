import { expect, test } from 'vitest';

import { createMemoryHost } from '../../host/memory/index.ts';
import { run } from '../command.fixture.ts';

const manifest = (initialCluster: string) => `spec:
  containers:
  - command: [etcd, '--advertise-client-urls=https://10.0.0.5:2379', '--initial-advertise-peer-urls=https://10.0.0.5:2380', '--initial-cluster=${initialCluster}']
  volumes:
  - {name: etcd-data, hostPath: {path: /var/lib/etcd}}
`;

function machine(initialCluster: string) {
  const host = createMemoryHost({
    files: {
      '/proc/mounts': '',
      '/etc/kubernetes/manifests/etcd.yaml': manifest(initialCluster),
      '/etc/kubernetes/pki/etcd/ca.crt': 'ca',
      '/etc/kubernetes/pki/etcd/healthcheck-client.crt': 'cert',
      '/etc/kubernetes/pki/etcd/healthcheck-client.key': 'key',
      '/var/lib/etcd/member/snap/db': 'x',
    },
  });
  host.etcdCluster.reachable = false;
  return host;
}

const reset = ['reset', '--force', '--cri-socket', 'unix:///run/x.sock'];

test('a forced reset empties the node, and its last line names the etcd member that was not removed', async () => {
  const host = machine('b=https://10.0.0.6:2380,a=https://10.0.0.5:2380');
  const { code, stderr } = await run(host, reset);
  expect(code).toBe(0);
  expect(
    Object.keys(host.snapshot()).filter((path) => /^\/(etc\/kubernetes|var\/lib\/etcd).*[^/]$/.test(path)),
  ).toEqual([]);
  expect(stderr.trim().split('\n').at(-1)).toMatch(
    /etcd member of this node could not be removed.*10\.0\.0\.6.*etcdctl/,
  );
});

test('a reset without --force keeps the data and the certificates, and its error has a hint', async () => {
  const host = machine('b=https://10.0.0.6:2380,a=https://10.0.0.5:2380');
  const asking = { ...host, prompt: { ...host.prompt, ask: async () => 'y' } };
  const { code, stderr } = await run(
    asking,
    reset.filter((word) => word !== '--force'),
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/etcdctl member remove.*--force/s);
  const paths = Object.keys(host.snapshot());
  for (const kept of ['/var/lib/etcd/member/snap/db', '/etc/kubernetes/pki/etcd/ca.crt'])
    expect(paths).toContain(kept);
});

test('a reset that removes the etcd member ends without a warning of it', async () => {
  const host = machine('a=https://10.0.0.5:2380');
  host.etcdCluster.reachable = true;
  const own = {
    peerURLs: ['https://10.0.0.5:2380'],
    clientURLs: ['https://10.0.0.5:2379'],
    isLearner: false,
  };
  host.etcdCluster.members.set('1', { id: '1', name: 'a', ...own });
  const { code, stderr } = await run(host, reset);
  expect(code).toBe(0);
  expect(stderr).not.toContain('etcdctl');
});
