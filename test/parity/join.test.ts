/** Runs dry runs of join by upstream's binary and by this kubeadm against one real API server. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { caCertificateHashes } from '../../src/cluster/certificate-hash.ts';
import { clusterInfoRef, kubeconfigTextOf } from '../../src/discovery/cluster-info.ts';
import { detachedSignature } from '../../src/discovery/jws.ts';
import { createMachineHost } from '../../src/host/machine/index.ts';
import type { Kubeconfig } from '../../src/kubeconfig/kubeconfig.ts';
import { formatKubeconfig } from '../../src/kubeconfig/write.ts';
import { createServers, type Servers, startApiServer } from '../support/servers.ts';
import { compare } from './both.ts';
import {
  bootstrapToken,
  type ClusterToJoin,
  certificateKey,
  controlPlaneCases,
  joinCases,
  signingToken,
  takenName,
  token,
} from './join-configs.ts';
import { record } from './namespaces.ts';
import type { Case, Recorded } from './record.ts';

const config = (endpoint: string): string => `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
bootstrapTokens:
- token: ${token}
- token: ${bootstrapToken}
  groups: [system:bootstrappers:kubeadm:default-node-token]
  usages: [authentication]
localAPIEndpoint: {advertiseAddress: 10.0.0.1}
nodeRegistration: {name: cp, criSocket: unix:///run/containerd/containerd.sock}
certificateKey: ${certificateKey}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: paris
controlPlaneEndpoint: ${endpoint}
kubernetesVersion: v1.36.2
networking: {dnsDomain: corp.example, podSubnet: 10.128.0.0/14}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: 77
shutdownGracePeriod: 30s
`;

let servers: Servers;
let cluster: ClusterToJoin;

beforeAll(async () => {
  servers = await createServers();
  const kubeconfig = await startApiServer(servers, {
    arguments: ['--enable-bootstrap-token-auth=true', '--allow-privileged=true'],
  });
  const endpoint = (kubeconfig.clusters[0]?.server ?? '').replace('https://', '');
  await prepare(kubeconfig, endpoint);
  const { ca, client } = servers.pki;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  cluster = {
    endpoint,
    authority: ca,
    caCertHash: caCertificateHashes(ca)[0] ?? '',
    client: { certificate: base64(client.cert), key: base64(client.key) },
  };
}, 300_000);
afterAll(async () => await servers.close());

/** Stores the objects of a cluster with upstream's binary, and signs cluster-info as the controller manager does. */
async function prepare(kubeconfig: Kubeconfig, endpoint: string): Promise<void> {
  const { programs } = await ensureComponents({ set: 'compare' });
  const admin = '/etc/kubernetes/cluster.conf';
  const phase = (...names: readonly string[]): readonly string[] => [
    ...['init', 'phase', ...names, '--config', '{config}', '--kubeconfig', admin],
  ];
  const commands = [
    ['init', 'phase', 'certs', 'all', '--config', '{config}'],
    phase('upload-certs', '--upload-certs'),
    phase('upload-config', 'all'),
    phase('bootstrap-token'),
    phase('addon', 'kube-proxy'),
  ];
  const [recorded] = await record(programs.kubeadm, [
    { name: 'cluster', config: config(endpoint), commands, files: { [admin]: formatKubeconfig(kubeconfig) } },
  ]);
  expect(recorded?.runs.map(({ code, stderr }) => (code === 0 ? '' : stderr))).toEqual(
    commands.map(() => ''),
  );
  const client = createMachineHost().kube(kubeconfig);
  const text = kubeconfigTextOf(await client.get(clusterInfoRef));
  const data = Object.fromEntries(
    [token, signingToken].map((one) => [`jws-kubeconfig-${one.slice(0, 6)}`, detachedSignature(text, one)]),
  );
  await client.patch(clusterInfoRef, 'merge', { data });
  await client.create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: takenName },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  client.close();
}

function isOnPurpose(line: string, { runs }: Recorded, { commands, config: text }: Case): boolean {
  // Upstream writes these files before it finds out that the name of the node is taken.
  const isTaken = runs.some(({ stderr }) => stderr.includes('already exists in the cluster'));
  if (isTaken && /\/(?:bootstrap-kubelet\.conf|ca\.crt): only upstream$/.test(line)) return true;
  // Upstream shows the manifests of a control plane in kubelet-start, which fails if that phase runs alone.
  if (/control-plane-prepare .*: object Pod\/kube-system\/kube-[a-z-]+ is only ours$/.test(line)) return true;
  if (line.startsWith('join phase kubelet-start ') && line.includes('exit 1, ours 0')) return true;
  // Upstream does not show the Node that it would mark.
  if (/object Node\/\/\S+ is only ours$/.test(line)) return true;
  // Upstream does not show the requests of the discovery with a file.
  const byFile = text.includes('kubeConfigPath') || commands.flat().includes('--discovery-file');
  return byFile && line.endsWith('object ConfigMap/kube-public/cluster-info is only ours');
}

test('100 random configurations of join leave the same files and show the same objects in a dry run', async () => {
  const seed = Number(process.env.PARITY_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`parity of join: seed ${seed} (PARITY_SEED=${seed} repeats it)`);
  const cases = joinCases(cluster, Number(process.env.PARITY_CASES ?? 100), seed);
  const theirs = await compare(cases, isOnPurpose);
  const accepted = theirs.filter(({ runs }) => runs.every(({ code }) => code === 0)).length;
  expect(accepted, 'many configurations should be valid ones').toBeGreaterThan(cases.length / 3);
});

test('a dry run before the cluster exists leaves the same files and asks for the same objects', async () => {
  const nowhere = '127.0.0.1:1';
  // Upstream fails with the id of the token that it makes up, abcdef, if the secret is another one.
  const unknown = 'fedcba.0123456789abcdef';
  const pin = `sha256:${'0'.repeat(64)}`;
  const flags = [nowhere, '--token', unknown, '--discovery-token-ca-cert-hash', pin];
  const skipped = ['--skip-phases', 'preflight', '--node-name', 'worker-1'];
  const joinConfig = (more: string): string => `apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  bootstrapToken: {apiServerEndpoint: "${nowhere}", token: ${unknown}, caCertHashes: ["${pin}"]}
nodeRegistration: {name: worker-1, criSocket: unix:///run/containerd/containerd.sock}
${more}`;
  const config = ['join', '--config', '{config}', '--skip-phases', 'preflight'];
  const cases: readonly Case[] = [
    { name: 'flags', config: '', commands: [['join', ...flags, '--dry-run', ...skipped]] },
    {
      name: 'without the hash of the CA',
      config: '',
      commands: [
        [
          'join',
          nowhere,
          '--token',
          unknown,
          '--discovery-token-unsafe-skip-ca-verification',
          '--dry-run',
          ...skipped,
        ],
      ],
    },
    { name: 'configuration', config: joinConfig(''), commands: [[...config, '--dry-run']] },
    { name: 'dryRun of the configuration', config: joinConfig('dryRun: true'), commands: [config] },
  ];
  // The text of the made-up configurations is not the same. The files that come from it are.
  const isMadeUp = (line: string): boolean => /: ConfigMap\/kube-system\/[\w-]+\.data\./.test(line);
  const theirs = await compare(cases, isMadeUp);
  expect(theirs.map(({ runs }) => runs.map(({ code }) => code))).toEqual([[0], [0], [0], [0]]);
});

test('20 random configurations of control planes leave the same files and show the same objects in a dry run', async () => {
  const seed = Number(process.env.PARITY_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`parity of control planes: seed ${seed} (PARITY_SEED=${seed} repeats it)`);
  const cases = controlPlaneCases(cluster, Number(process.env.PARITY_CASES ?? 20), seed);
  const theirs = await compare(cases, isOnPurpose);
  const accepted = theirs.filter(({ runs }) => runs.every(({ code }) => code === 0)).length;
  expect(accepted, 'most configurations should be valid ones').toBeGreaterThan(cases.length / 2);
});
