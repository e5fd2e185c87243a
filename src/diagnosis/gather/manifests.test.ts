import { expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { readConfigured } from './configured.ts';
import { etcdServers, gatherDuplicateManifests, gatherMissingManifests } from './manifests.ts';

const folder = '/etc/kubernetes/manifests';
const apiServer = (etcd: string): string =>
  `spec:\n  containers:\n  - command:\n    - kube-apiserver\n    - --etcd-servers=${etcd}\n`;
const pod = 'spec: {}\n';

test.each([
  ['nothing on a worker', {}, []],
  [
    'all of a control plane that has only a kubeconfig',
    { '/etc/kubernetes/scheduler.conf': '' },
    ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
  ],
  [
    'the etcd of this machine',
    {
      [`${folder}/kube-apiserver.yaml`]: apiServer('https://127.0.0.1:2379'),
      [`${folder}/kube-controller-manager.yaml`]: pod,
    },
    ['etcd', 'kube-scheduler'],
  ],
  [
    'no etcd that a join has not added yet',
    {
      [`${folder}/kube-apiserver.yaml`]: apiServer('https://127.0.0.1:2379'),
      [`${folder}/kube-controller-manager.yaml`]: pod,
      [`${folder}/kube-scheduler.yaml`]: pod,
      '/var/lib/kubeadm/unfinished-run.json': '{}',
    },
    [],
  ],
  [
    'no etcd that is elsewhere',
    {
      [`${folder}/kube-apiserver.yaml`]: apiServer('https://10.0.0.9:2379'),
      [`${folder}/kube-controller-manager.yaml`]: pod,
      [`${folder}/kube-scheduler.yaml`]: pod,
    },
    [],
  ],
])('the look at manifests misses %s', async (_, files, expected) => {
  const host = createMemoryHost({ files });
  expect(await gatherMissingManifests(host, await readConfigured(host))).toEqual(expected);
});

test('the servers of etcd are the addresses of its URLs in the manifest of the API server', async () => {
  const urls = 'https://127.0.0.1:2379,http://[fd00::1]:2379/, etcd,unix:///run/etcd';
  const host = createMemoryHost({ files: { [`${folder}/kube-apiserver.yaml`]: apiServer(urls) } });
  expect(etcdServers(await readConfigured(host))).toEqual(['127.0.0.1:2379', '[fd00::1]:2379']);
});

test('a copy of a manifest is a second one, but not a hidden file, another Pod or a file that is not a Pod', async () => {
  const named = (name: string): string => `kind: Pod\nmetadata: {name: ${name}}\nspec: {}\n`;
  const host = createMemoryHost({
    files: {
      [`${folder}/kube-apiserver.yaml`]: named('kube-apiserver'),
      [`${folder}/kube-apiserver.yaml.bak`]: named('kube-apiserver'),
      [`${folder}/etcd-old`]: named('etcd'),
      [`${folder}/.etcd.yaml`]: named('etcd'),
      [`${folder}/kube-vip.yaml`]: named('kube-vip'),
      [`${folder}/notes.txt`]: 'etcd: [',
    },
  });
  expect(await gatherDuplicateManifests(host)).toEqual([
    { component: 'etcd', path: `${folder}/etcd-old` },
    { component: 'kube-apiserver', path: `${folder}/kube-apiserver.yaml.bak` },
  ]);
  expect(await gatherDuplicateManifests(createMemoryHost())).toEqual([]);
});
