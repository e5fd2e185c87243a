/** Makes random configurations and command lines of `join` for one cluster. */
import fc from 'fast-check';

import { toYaml } from '../../src/lib/yaml/write.ts';
import { flagName } from './component-fields.ts';
import type { Case } from './record.ts';

export interface ClusterToJoin {
  /** `host:port`. */
  readonly endpoint: string;
  /** PEM. */
  readonly authority: string;
  /** `sha256:…`. */
  readonly caCertHash: string;
  /** Base64 of the PEM files of a client that may do everything. */
  readonly client: { readonly certificate: string; readonly key: string };
}

export const token = 'abcdef.0123456789abcdef';
/** The cluster has only its signature of cluster-info. */
export const signingToken = 'signer.0123456789abcdef';
/** It can only authenticate. */
export const bootstrapToken = 'authen.0123456789abcdef';
export const takenName = 'taken';
/** The certificates in the cluster are encrypted with it. */
export const certificateKey = '0123456789abcdef'.repeat(4);

type Fields = Record<string, unknown>;

const discoveryFile = '/etc/discovery.conf';

/** A kubeconfig as people write it by hand. */
function kubeconfig({ authority, endpoint }: ClusterToJoin, user: Fields | undefined, name = 'kube'): string {
  const base64 = Buffer.from(authority).toString('base64');
  return toYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name, cluster: { 'certificate-authority-data': base64, server: `https://${endpoint}` } },
      { name: 'other', cluster: { server: 'https://10.0.0.1:6443' } },
    ],
    contexts: [{ name: 'here', context: { cluster: name, user: 'me' } }],
    'current-context': 'here',
    users: user === undefined ? [] : [{ name: 'me', user }],
  });
}

interface Discovered {
  readonly discovery: Fields;
  readonly files?: Readonly<Record<string, string>>;
}

function discoveries(cluster: ClusterToJoin): fc.Arbitrary<Discovered> {
  const { caCertHash, client, endpoint } = cluster;
  const other = `sha256:${'0'.repeat(64)}`;
  const byToken = fc
    .record({
      trust: fc.constantFrom<Fields>(
        { caCertHashes: [caCertHash] },
        { caCertHashes: [other, caCertHash.toUpperCase().replace('SHA256', 'sha256')] },
        { unsafeSkipCAVerification: true },
        { caCertHashes: [caCertHash], unsafeSkipCAVerification: true },
      ),
      tokens: fc.constantFrom<Fields>(
        { token },
        { token, tlsBootstrapToken: token },
        { token: signingToken, tlsBootstrapToken: bootstrapToken },
        { token: signingToken, tlsBootstrapToken: token },
      ),
    })
    .map(({ trust, tokens: { tlsBootstrapToken, token: used } }) => ({
      discovery: {
        bootstrapToken: { apiServerEndpoint: endpoint, token: used, ...trust },
        ...(tlsBootstrapToken === undefined ? {} : { tlsBootstrapToken }),
      },
    }));
  const byFile = fc
    .constantFrom<readonly [Fields | undefined, Fields]>(
      [{ token }, {}],
      [{ token }, { tlsBootstrapToken: bootstrapToken }],
      [{}, { tlsBootstrapToken: token }],
      [undefined, { tlsBootstrapToken: token }],
      [{ 'client-certificate-data': client.certificate, 'client-key-data': client.key }, {}],
      [{ tokenFile: '/etc/discovery-token' }, {}],
    )
    .chain(([user, more]) =>
      fc.constantFrom('kube', 'other-name').map((name) => ({
        discovery: { file: { kubeConfigPath: discoveryFile }, ...more },
        files: { [discoveryFile]: kubeconfig(cluster, user, name), '/etc/discovery-token': token },
      })),
    );
  const refused = fc.constantFrom<Discovered>(
    { discovery: { bootstrapToken: { apiServerEndpoint: endpoint, token, caCertHashes: [other] } } },
    { discovery: { bootstrapToken: { apiServerEndpoint: endpoint, token, caCertHashes: ['sha256:12'] } } },
    {
      discovery: {
        bootstrapToken: {
          apiServerEndpoint: endpoint,
          token: 'abcdef.fedcba9876543210',
          caCertHashes: [caCertHash],
        },
      },
    },
    {
      discovery: { file: { kubeConfigPath: discoveryFile } },
      files: { [discoveryFile]: kubeconfig(cluster, undefined) },
    },
    { discovery: { file: { kubeConfigPath: '/etc/missing.conf' } } },
  );
  return fc.oneof(
    { weight: 8, arbitrary: byToken },
    { weight: 6, arbitrary: byFile },
    { weight: 1, arbitrary: refused },
  );
}

const registration = fc.record(
  {
    name: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('worker-1', 'w.example', '10.0.0.7', 'Worker') },
      fc.constant(takenName),
    ),
    kubeletExtraArgs: fc.array(
      fc.oneof(
        fc.record({
          name: fc.oneof(flagName, fc.constantFrom('node-ip', 'register-with-taints')),
          value: fc.constantFrom('', 'x', 'a b', '10.0.0.1', '"q"'),
        }),
        // Upstream asks for a Node without a name if the value is empty.
        fc.record({ name: fc.constant('hostname-override'), value: fc.constantFrom('x', takenName) }),
      ),
      { maxLength: 3 },
    ),
    criSocket: fc.constantFrom('unix:///var/run/crio/crio.sock', '/run/x.sock'),
    taints: fc.constantFrom<unknown>(
      null,
      [],
      [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }],
      [
        { key: 'a', effect: 'NoExecute' },
        { key: 'b', value: 'c', effect: 'PreferNoSchedule' },
      ],
    ),
    imagePullPolicy: fc.constantFrom('Always', 'Never', 'IfNotPresent'),
    ignorePreflightErrors: fc.constantFrom(['all'], ['Swap', 'NumCPU']),
  },
  { requiredKeys: ['name'] },
);

const patchFiles = {
  '/etc/patches/kubeletconfiguration0+merge.yaml': 'maxPods: 42\n',
  '/etc/patches/kubeletconfiguration1+json.yaml':
    '- {op: replace, path: /clusterDomain, value: patched.local}\n',
};

const options = fc.record(
  {
    caCertPath: fc.constantFrom('/etc/kubernetes/pki/ca.crt', '/etc/kubernetes/other/my-ca.crt', 'ca.crt'),
    timeouts: fc.constantFrom<Fields>({ tlsBootstrap: '6m' }, { kubeletHealthCheck: '61s', discovery: '3s' }),
    patches: fc.constant({ directory: '/etc/patches' }),
    skipPhases: fc.constantFrom<string[]>(['preflight'], ['kubelet-wait-bootstrap'], []),
    dryRun: fc.boolean(),
  },
  { requiredKeys: [] },
);

const skipped = ['--dry-run', '--skip-phases', 'preflight'];

function byConfig(cluster: ClusterToJoin): fc.Arbitrary<Omit<Case, 'name'>> {
  return fc
    .record({
      discovered: discoveries(cluster),
      nodeRegistration: registration,
      more: options,
      command: fc.constantFrom(
        ['join', ...skipped],
        ['join', ...skipped],
        ['join', 'phase', 'kubelet-start', '--dry-run'],
        ['join', ...skipped, '--node-name', 'by-flag'],
      ),
    })
    .map(({ command, discovered: { discovery, files }, more, nodeRegistration }) => ({
      config: toYaml({
        apiVersion: 'kubeadm.k8s.io/v1beta4',
        kind: 'JoinConfiguration',
        discovery,
        nodeRegistration,
        timeouts: { discovery: '3s' },
        ...more,
      }),
      files: { ...files, ...patchFiles },
      commands: [[...command, '--config', '{config}']],
    }));
}

function byFlags(cluster: ClusterToJoin): fc.Arbitrary<Omit<Case, 'name'>> {
  const { caCertHash, endpoint } = cluster;
  const pin = ['--discovery-token-ca-cert-hash', caCertHash];
  return fc
    .record({
      discovery: fc.constantFrom<readonly string[]>(
        [endpoint, '--token', token, ...pin],
        [endpoint, '--token', token, '--discovery-token-unsafe-skip-ca-verification'],
        [endpoint, '--discovery-token', signingToken, '--tls-bootstrap-token', bootstrapToken, ...pin],
        [endpoint, '--token', token],
        ['--token', token, ...pin],
        ['--discovery-file', discoveryFile],
        ['--discovery-file', discoveryFile, '--tls-bootstrap-token', bootstrapToken],
        [endpoint, '--discovery-file', discoveryFile, '--token', token, ...pin],
      ),
      more: fc.subarray(['--node-name=flagged', '--cri-socket=/run/y.sock', '--patches=/etc/patches']),
    })
    .map(({ discovery, more }) => ({
      config: '',
      files: { ...patchFiles, [discoveryFile]: kubeconfig(cluster, { token }) },
      commands: [['join', ...discovery, ...skipped, ...more]],
    }));
}

/** Returns random cases. The same seed gives the same cases for the same cluster. */
export function joinCases(cluster: ClusterToJoin, count: number, seed: number): readonly Case[] {
  const one = fc.oneof(
    { weight: 4, arbitrary: byConfig(cluster) },
    { weight: 1, arbitrary: byFlags(cluster) },
  );
  return fc
    .sample(one, { numRuns: count, seed })
    .map((sample, index) => ({ name: `join-${index}`, ...sample }));
}

const endpoints = fc.record(
  {
    advertiseAddress: fc.constantFrom('10.0.0.6', '192.168.1.20'),
    bindPort: fc.constantFrom(6443, 7443),
  },
  { requiredKeys: ['advertiseAddress'] },
);

/**
 * Without names that differ on purpose: an IP address, which is an IP address of the certificates too, and a name that is
 * taken, which upstream does not notice in the dry run of a control plane.
 */
const controlPlaneRegistration = registration.map(({ kubeletExtraArgs, name, ...more }) => ({
  ...more,
  name: name === takenName || name === '10.0.0.7' ? 'cp2' : name,
  ...(kubeletExtraArgs && { kubeletExtraArgs: kubeletExtraArgs.filter(({ value }) => value !== takenName) }),
}));

const controlPlanePatches = {
  '/etc/patches/kube-apiserver0+merge.yaml': 'metadata: {labels: {patched: "yes"}}\n',
  '/etc/patches/kube-scheduler0+json.yaml': '- {op: add, path: /metadata/labels/patched, value: "yes"}\n',
};

/** Returns random cases of control planes, of which most download the certificates of the cluster. */
export function controlPlaneCases(cluster: ClusterToJoin, count: number, seed: number): readonly Case[] {
  const { caCertHash, endpoint } = cluster;
  const pin = ['--discovery-token-ca-cert-hash', caCertHash];
  const key = fc.oneof(
    { weight: 8, arbitrary: fc.constant(certificateKey) },
    fc.constantFrom('f'.repeat(64), ''),
  );
  const byFile = fc
    .record({
      key,
      localAPIEndpoint: endpoints,
      nodeRegistration: controlPlaneRegistration,
      more: options,
      command: fc.constantFrom(
        ['join', ...skipped],
        ['join', '--dry-run', '--skip-phases', 'preflight,check-etcd'],
        ['join', 'phase', 'control-plane-prepare', 'all', '--dry-run'],
        ['join', 'phase', 'control-plane-prepare', 'download-certs', '--dry-run'],
        ['join', 'phase', 'kubelet-start', '--dry-run'],
      ),
    })
    .map(({ command, key: used, localAPIEndpoint, more, nodeRegistration }) => ({
      config: toYaml({
        apiVersion: 'kubeadm.k8s.io/v1beta4',
        kind: 'JoinConfiguration',
        discovery: { bootstrapToken: { apiServerEndpoint: endpoint, token, caCertHashes: [caCertHash] } },
        controlPlane: { localAPIEndpoint, ...(used === '' ? {} : { certificateKey: used }) },
        nodeRegistration,
        ...more,
        timeouts: { tlsBootstrap: '6m', discovery: '2m' },
      }),
      files: { ...patchFiles, ...controlPlanePatches },
      commands: [[...command, '--config', '{config}']],
    }));
  const byFlag = fc
    .record({
      key,
      more: fc.subarray([
        '--apiserver-bind-port=7443',
        '--node-name=flagged',
        '--cri-socket=/run/y.sock',
        '--patches=/etc/patches',
      ]),
    })
    .map(({ key: used, more }) => ({
      config: '',
      files: { ...patchFiles, ...controlPlanePatches },
      commands: [
        [
          ...['join', endpoint, '--token', token, ...pin, ...skipped, '--control-plane'],
          ...[
            '--apiserver-advertise-address=10.0.0.6',
            ...(used === '' ? [] : ['--certificate-key', used]),
            ...more,
          ],
        ],
      ],
    }));
  return fc
    .sample(fc.oneof({ weight: 4, arbitrary: byFile }, { weight: 1, arbitrary: byFlag }), {
      numRuns: count,
      seed,
    })
    .map((sample, index) => ({ name: `control-plane-${index}`, ...sample }));
}
