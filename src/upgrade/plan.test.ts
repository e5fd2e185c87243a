import { expect, test } from 'vitest';
import type { AvailableUpgrade } from './available.ts';
import { type ClusterVersions, nodesByVersion } from './cluster-versions.ts';
import { upgradePlan } from './plan.ts';

const control = nodesByVersion([
  { version: 'v1.35.4', node: 'cp1' },
  { version: 'v1.35.4', node: 'cp2' },
]);
const versions: ClusterVersions = {
  kubelets: nodesByVersion([
    { version: 'v1.35.4', node: 'w1' },
    { version: 'v1.34.1', node: 'w2' },
  ]),
  kubeApiserver: control,
  kubeControllerManager: control,
  kubeScheduler: control,
  etcd: nodesByVersion([{ version: '3.6.6-0', node: 'cp1' }]),
  coredns: 'v1.13.1',
};
const upgrade: AvailableUpgrade = {
  description: 'stable version',
  kubernetes: 'v1.36.2',
  kubeadm: 'v1.36.2',
  coredns: 'v1.14.2',
  etcd: '3.6.8-0',
};

const rows = (changed: Partial<ClusterVersions> = {}, etcdUpgrade = true): readonly string[] =>
  upgradePlan({
    versions: { ...versions, ...changed },
    upgrades: [upgrade],
    configVersions: [],
    kubeadm: 'v1.36.2',
    etcdUpgrade,
  }).availableUpgrades.flatMap(({ components }) =>
    components.map(({ currentVersion, name, newVersion, nodeName = '-' }) =>
      [name, nodeName, currentVersion, newVersion].join(' '),
    ),
  );

test('the plan lists each component with its versions, sorted by version', () => {
  expect(rows()).toEqual([
    'kubelet w2 v1.34.1 v1.36.2',
    'kubelet w1 v1.35.4 v1.36.2',
    'kube-apiserver cp1 v1.35.4 v1.36.2',
    'kube-apiserver cp2 v1.35.4 v1.36.2',
    'kube-controller-manager cp1 v1.35.4 v1.36.2',
    'kube-controller-manager cp2 v1.35.4 v1.36.2',
    'kube-scheduler cp1 v1.35.4 v1.36.2',
    'kube-scheduler cp2 v1.35.4 v1.36.2',
    'kube-proxy - 1.35.4 v1.36.2',
    'CoreDNS - v1.13.1 v1.14.2',
    'kubeadm - v1.36.2 v1.36.2',
    'etcd cp1 3.6.6-0 3.6.8-0',
  ]);
});

test('the plan has no kubelets if all of them have the new version', () => {
  const kubelets = nodesByVersion([{ version: 'v1.36.2', node: 'w1' }]);
  expect(rows({ kubelets }).filter((row) => row.startsWith('kubelet'))).toEqual([]);
});

test('the plan has no etcd if it is not upgraded', () => {
  expect(rows({}, false).some((row) => row.startsWith('etcd'))).toBe(false);
});
