/** Makes random clusters of the earlier release, with the commands that look at their upgrade. */
import fc from 'fast-check';

import type { KubeObject } from '../../src/clients/kube/kube-client.ts';
import { toYaml } from '../../src/lib/yaml/write.ts';
import { apiServerArgs } from './component-fields.ts';
import type { Case } from './record.ts';

/** Path of the kubeconfig of the real API server. */
export const clusterConf = '/etc/kubernetes/cluster.conf';
const thisNode = 'cp1';
const target = 'v1.36.2';

export interface UpgradeCase {
  readonly case: Case;
  /** The commands that store the configuration and the addons in the API. */
  readonly prepare: readonly (readonly string[])[];
  /** The Nodes, and the Pods of the control planes. */
  readonly objects: readonly KubeObject[];
}

interface Machine {
  readonly name: string;
  readonly kubelet: string;
  /** The version of the components; undefined on a worker. */
  readonly components?: string;
}

const kubelets = fc.constantFrom('v1.33.9', 'v1.34.1', 'v1.35.0', 'v1.35.4', 'v1.36.2');

const machines: fc.Arbitrary<readonly Machine[]> = fc
  .record({
    first: kubelets,
    others: fc.array(fc.record({ kubelet: kubelets, components: fc.constantFrom('v1.35.4', target) }), {
      maxLength: 2,
    }),
    workers: fc.array(kubelets, { maxLength: 3 }),
  })
  .map(({ first, others, workers }) => [
    { name: thisNode, kubelet: first, components: 'v1.35.4' },
    ...others.map((one, index) => ({ name: `cp${index + 2}`, ...one })),
    ...workers.map((kubelet, index) => ({ name: `w${index + 1}`, kubelet })),
  ]);

const extraArgs = fc.record({ extraArgs: apiServerArgs }, { requiredKeys: [] });

const clusterFields = fc.record(
  {
    clusterName: fc.constantFrom('paris', 'kubernetes'),
    controlPlaneEndpoint: fc.constantFrom('10.0.0.100:6443', 'lb.example:7443'),
    imageRepository: fc.constantFrom('registry.example/k8s', 'registry.k8s.io'),
    apiServer: extraArgs,
    controllerManager: extraArgs,
    scheduler: extraArgs,
    dns: fc.constantFrom({}, { disabled: true }, { imageTag: 'v1.13.1' }),
    proxy: fc.constantFrom({}, { disabled: true }),
    etcd: fc.constantFrom(
      { local: { imageTag: '3.6.5-0' } },
      { local: { dataDir: '/var/lib/other-etcd', extraArgs: [{ name: 'snapshot-count', value: '5000' }] } },
      { external: { endpoints: ['https://10.0.0.9:2379'], caFile: '/ca', certFile: '/c', keyFile: '/k' } },
    ),
    certificatesDir: fc.constant('/etc/kubernetes/keys'),
    networking: fc.record(
      {
        dnsDomain: fc.constantFrom('corp.example', 'cluster.local'),
        podSubnet: fc.constantFrom('10.128.0.0/14', 'fd00:1::/48'),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const kubelet = fc.record(
  { maxPods: fc.integer({ min: 1, max: 300 }), shutdownGracePeriod: fc.constantFrom('0s', '30s') },
  { requiredKeys: [] },
);

function node({ components, kubelet: kubeletVersion, name }: Machine): KubeObject {
  const labels = components === undefined ? {} : { 'node-role.kubernetes.io/control-plane': '' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    // No Job can run, so the check of a Job is skipped.
    spec: { unschedulable: true },
    status: { nodeInfo: { kubeletVersion }, conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

function pod(component: string, { components = '', name }: Machine): KubeObject {
  const tag = component === 'etcd' ? '3.6.6-0' : components;
  const annotations = {
    'kubernetes.io/config.mirror': 'x',
    'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': '10.0.0.1:6443',
    'kubeadm.kubernetes.io/etcd.advertise-client-urls': 'https://10.0.0.1:2379',
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${component}-${name}`,
      namespace: 'kube-system',
      labels: { component, tier: 'control-plane' },
      annotations,
    },
    // Without a grace period, a deleted Pod is gone at once, although no kubelet confirms its end.
    spec: {
      nodeName: name,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: component, image: `registry.k8s.io/${component}:${tag}` }],
    },
  };
}

function commandsOf(hasLocalEtcd: boolean): readonly (readonly string[])[] {
  const made = (...phase: readonly string[]) => ['init', 'phase', ...phase, '--config', '{config}'];
  const asked = (...words: readonly string[]) => ['upgrade', ...words, '--kubeconfig', clusterConf];
  const ignored = ['--ignore-preflight-errors', 'all'];
  return [
    made('certs', 'all'),
    made('kubeconfig', 'all'),
    made('control-plane', 'all'),
    ...(hasLocalEtcd ? [made('etcd', 'local')] : []),
    asked('plan', target, '-o', 'json', ...ignored),
    asked('plan', target, '-o', 'yaml', '--etcd-upgrade=false', ...ignored),
    asked('diff', target),
    asked('diff', 'v1.36.0', '--context-lines', '3'),
    asked('apply', target, '-y', '--force', '--dry-run', ...ignored),
    asked('node', '--dry-run', ...ignored),
  ];
}

const one: fc.Arbitrary<Omit<UpgradeCase, 'case'> & { readonly case: Omit<Case, 'name'> }> = fc
  .record({ cluster: clusterFields, kubelet, machines })
  .map(({ cluster, kubelet: settings, machines: list }) => {
    const external = (cluster.etcd as { readonly external?: unknown } | undefined)?.external !== undefined;
    const controlPlanes = list.filter(({ components }) => components !== undefined);
    const names = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
    const documents = [
      {
        apiVersion: 'kubeadm.k8s.io/v1beta4',
        kind: 'InitConfiguration',
        localAPIEndpoint: { advertiseAddress: '10.0.0.1' },
        nodeRegistration: { name: thisNode, criSocket: 'unix:///run/containerd/containerd.sock' },
      },
      {
        apiVersion: 'kubeadm.k8s.io/v1beta4',
        kind: 'ClusterConfiguration',
        kubernetesVersion: 'v1.35.4',
        encryptionAlgorithm: 'ECDSA-P256',
        ...cluster,
      },
      { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', ...settings },
    ];
    const stored = (...phase: readonly string[]) => [
      ...['init', 'phase', ...phase, '--config', '{config}', '--kubeconfig', clusterConf],
    ];
    return {
      case: {
        config: documents.map(toYaml).join('---\n'),
        commands: commandsOf(!external),
        files: {
          '/var/lib/kubelet/config.yaml':
            'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n',
          '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS="--v=2"\n',
        },
      },
      prepare: [stored('upload-config', 'all'), stored('addon', 'all')],
      objects: [
        ...list.map(node),
        ...controlPlanes.flatMap((machine) =>
          [...names, ...(external ? [] : ['etcd'])].map((component) => pod(component, machine)),
        ),
      ],
    };
  });

/** Returns random clusters. The same seed gives the same ones. */
export function upgradeCases(count: number, seed: number): readonly UpgradeCase[] {
  return fc
    .sample(one, { numRuns: count, seed })
    .map((sample, index) => ({ ...sample, case: { name: `cluster-${index}`, ...sample.case } }));
}
