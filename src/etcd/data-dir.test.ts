import { expect, test } from 'vitest';

import { defaultCluster } from '../config/v1beta4/defaults.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { type EtcdData, findEtcdData } from './data-dir.ts';

const etcdManifest = '/etc/kubernetes/manifests/etcd.yaml';
const certificate = { '/etc/kubernetes/pki/etcd/healthcheck-client.crt': '' };
const volume = (path: string) => ({
  [etcdManifest]: `spec: {volumes: [{name: etcd-certs, hostPath: {path: /pki}}, {name: etcd-data, hostPath: {path: '${path}'}}]}`,
});
const apiServer = (servers: string, flag = '') => ({
  '/etc/kubernetes/manifests/kube-apiserver.yaml': `spec: {containers: [{command: [kube-apiserver, --advertise-address=10.0.0.5, '--etcd-servers=${servers}', '${flag}']}]}`,
});
const local = defaultCluster({ kubernetesVersion: 'v1.36.2', etcd: { local: { dataDir: '/data/etcd' } } });
const external = defaultCluster({
  kubernetesVersion: 'v1.36.2',
  etcd: { external: { endpoints: ['http://127.0.0.1:2379'] } },
});

const of = async (
  known: { readonly configuration?: typeof local; readonly recorded?: string },
  files: Readonly<Record<string, string>>,
): Promise<EtcdData> =>
  await findEtcdData(
    { configuration: undefined, recorded: undefined, certificatesDir: '/etc/kubernetes/pki', ...known },
    createMemoryHost({ files }),
  );

test.each([
  ['the cluster', { configuration: local, recorded: '/recorded' }, volume('/manifest'), '/data/etcd'],
  ['the cluster, of a control plane', { configuration: local }, apiServer(''), '/data/etcd'],
  ['the manifest', { recorded: '/recorded' }, volume('/manifest'), '/manifest'],
  ['the record when the manifest is gone', { recorded: '/recorded' }, {}, '/recorded'],
  ['the record when the manifest does not tell', { recorded: '/recorded' }, volume(''), '/recorded'],
  ['the default when kubeadm made certificates of a member', {}, certificate, '/var/lib/etcd'],
  [
    'the default when the API server uses an own member',
    {},
    { ...apiServer('https://127.0.0.1:2379'), ...certificate },
    '/var/lib/etcd',
  ],
  ['the default, over IPv6', {}, { ...apiServer('https://[::1]:2379'), ...certificate }, '/var/lib/etcd'],
  [
    'the default, at the own address',
    {},
    { ...apiServer('https://10.0.0.5:2379'), ...certificate },
    '/var/lib/etcd',
  ],
  [
    'the default when certificates of a member lie beside the CA that the API server knows',
    {},
    {
      ...apiServer('https://127.0.0.1:2379', '--etcd-cafile=/srv/pki/etcd/ca.crt'),
      '/srv/pki/etcd/healthcheck-client.crt': '',
    },
    '/var/lib/etcd',
  ],
])('the data directory of this member comes from %s', async (_, known, files, directory) => {
  expect(await of(known, files)).toEqual({ origin: 'kubeadm', directory });
});

test.each([
  ['the cluster says so', { configuration: external }, volume('/manifest')],
  ['the API server uses another machine', {}, apiServer('https://127.0.0.1:2379,https://10.0.0.9:2379')],
  ['the API server uses no TLS, as kubeadm never makes it', {}, apiServer('http://127.0.0.1:2379')],
])('etcd is external when %s', async (_, known, files) => {
  expect(await of(known, { ...files, ...certificate })).toEqual({ origin: 'external' });
});

test.each([
  ['nothing is known', {}, {}, '/var/lib/etcd'],
  ['this node is a worker', { configuration: local }, {}, '/data/etcd'],
  [
    'an etcd of somebody else can run on this node, over TLS',
    {},
    apiServer('https://10.0.0.5:2379', '--etcd-cafile=/etc/ssl/etcd/ca.pem'),
    '/var/lib/etcd',
  ],
])('it is unknown who made the data when %s', async (_, known, files, directory) => {
  expect(await of(known, files)).toEqual({ origin: 'unknown', directory });
});

test.each(['{}', 'spec: {volumes: [{name: etcd-data}]}', 'a: ['])(
  'a manifest that does not name the directory, alone, is an error: %s',
  async (text) => {
    await expect(of({}, { [etcdManifest]: text })).rejects.toThrow(
      `${etcdManifest} has no volume etcd-data with a hostPath`,
    );
  },
);
