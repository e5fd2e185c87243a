/** Makes configurations for the tests, with random combinations of all fields of v1beta4 that init reads. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';

import { toYaml } from '../../src/lib/yaml/write.ts';
import { lineEnd, toFlowOfFields } from '../support/random/styles.ts';
import { apiServerArgs, component, env, flagName, sans } from './component-fields.ts';
import type { Case } from './record.ts';

const files = [
  ['init', 'phase', 'certs', 'all', '--config', '{config}'],
  ['init', 'phase', 'kubeconfig', 'all', '--config', '{config}'],
  ['init', 'phase', 'etcd', 'local', '--config', '{config}'],
  ['init', 'phase', 'control-plane', 'all', '--config', '{config}'],
  ['init', 'phase', 'kubelet-start', '--config', '{config}'],
];
const dryRun = [['init', '--dry-run', '--skip-phases', 'preflight', '--config', '{config}']];
const dryRunUpload = [
  ['init', '--dry-run', '--upload-certs', '--skip-phases', 'preflight', '--config', '{config}'],
];
const inspect = [
  ['config', 'validate', '--config', '{config}'],
  ['config', 'images', 'list', '--config', '{config}'],
  ['init', 'phase', 'addon', 'coredns', '--print-manifest', '--config', '{config}'],
  ['init', 'phase', 'addon', 'kube-proxy', '--print-manifest', '--config', '{config}'],
];

type Fields = Record<string, unknown>;

interface Network {
  readonly advertiseAddress: string;
  readonly networking: Fields;
}

const network: fc.Arbitrary<Network> = fc.constantFrom<Network>(
  { advertiseAddress: '10.11.0.10', networking: {} },
  { advertiseAddress: '192.168.7.3', networking: { podSubnet: '10.244.0.0/16' } },
  {
    advertiseAddress: '10.11.0.10',
    networking: { serviceSubnet: '172.20.0.0/16', podSubnet: '10.128.0.0/14', dnsDomain: 'corp.example' },
  },
  {
    advertiseAddress: 'fd00:11::10',
    networking: { serviceSubnet: 'fd00:96::/112', podSubnet: 'fd00:244::/56' },
  },
  {
    advertiseAddress: '10.11.0.10',
    networking: { serviceSubnet: '10.96.0.0/16,fd00:96::/112', podSubnet: '10.244.0.0/16,fd00:244::/56' },
  },
  {
    advertiseAddress: 'fd00:11::10',
    networking: { serviceSubnet: 'fd00:96::/108,10.96.0.0/16', podSubnet: 'fd00:244::/56,10.244.0.0/16' },
  },
);

const etcd: fc.Arbitrary<Fields> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc
    .record(
      {
        dataDir: fc.constantFrom('/var/lib/etcd', '/var/lib/other/etcd'),
        imageTag: fc.constantFrom('3.6.9-0', '3.5.24-0'),
        imageRepository: fc.constantFrom('registry.example/etcd', 'localhost:5000'),
        extraArgs: fc.array(
          fc.record({
            name: fc.oneof(
              flagName,
              fc.constantFrom('listen-metrics-urls', 'advertise-client-urls', 'snapshot-count'),
            ),
            value: fc.constantFrom(
              'http://127.0.0.1:2391',
              'https://0.0.0.0:2381,http://[::1]:99',
              'http://10.0.0.1:1234',
            ),
          }),
          { maxLength: 2 },
        ),
        extraEnvs: env,
        serverCertSANs: sans,
        peerCertSANs: sans,
      },
      { requiredKeys: [] },
    )
    .map((local) => ({ local })),
  fc.constantFrom<Fields>(
    { external: { endpoints: ['http://10.0.0.5:2379', 'http://10.0.0.6:2379'] } },
    {
      external: {
        endpoints: ['https://10.0.0.5:2379'],
        caFile: '/etc/etcd/ca.crt',
        certFile: '/etc/etcd/client/c.crt',
        keyFile: '/etc/etcd/client/c.key',
      },
    },
  ),
);

const registration = fc.record(
  {
    kubeletExtraArgs: fc.array(
      fc.record({
        name: fc.oneof(flagName, fc.constantFrom('hostname-override', 'node-ip')),
        value: fc.constantFrom('', 'x', 'a b', '10.0.0.1', '"q"'),
      }),
      { maxLength: 3 },
    ),
    criSocket: fc.constantFrom('unix:///var/run/crio/crio.sock', '/run/x.sock'),
    taints: fc.constantFrom<unknown>(
      null,
      [],
      [
        { key: 'a', effect: 'NoExecute' },
        { key: 'b', value: 'c', effect: 'NoSchedule' },
      ],
    ),
    imagePullPolicy: fc.constantFrom('Always', 'Never', 'IfNotPresent'),
    imagePullSerial: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** Most of these quantities are not in Go's canonical form, and a few texts are not quantities. */
const quantity = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom<unknown>(
      '1Gi',
      '1.5Gi',
      '1024Mi',
      '1000',
      2048,
      0.1,
      '1.0001Ki',
      '+5',
      '12E6',
    ),
  },
  fc.constantFrom<unknown>('1GB', '1 Gi', '', '1e2.5'),
);

/** Bad values are rare, because one of them makes the whole configuration invalid. */
function mostly(good: readonly unknown[], bad: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 19, arbitrary: fc.constantFrom(...good) }, fc.constantFrom(...bad));
}

const kubelet = fc.record(
  {
    maxPods: fc.nat(200),
    clusterDNS: fc.constantFrom(['10.96.0.53'], ['1.2.3.4', 'fd00::1']),
    cgroupDriver: fc.constantFrom('cgroupfs', 'systemd'),
    evictionHard: fc.constant({ 'memory.available': '5%', 'nodefs.available': '10%' }),
    featureGates: fc.constant({ Foo: true, Bar: false }),
    readOnlyPort: fc.constantFrom(0, 10255),
    syncFrequency: fc.constantFrom('1m', '90s', '0s', '87600h0.000000001s', '2562047h47m16.854775807s'),
    maxOpenFiles: mostly([5, 2n ** 53n + 1n, 2n ** 63n - 1n], [2n ** 63n]),
    podPidsLimit: mostly([-1, -(2n ** 63n), 1e18], [5.5]),
    memoryThrottlingFactor: fc.constantFrom(0.1, 0.000001, 1, 12345678.9, 1e19),
    logging: mostly(
      [
        { verbosity: 3 },
        { format: 'json', flushFrequency: '5s' },
        { flushFrequency: 5_000_000_000 },
        { flushFrequency: '90s', options: { json: { infoBufferSize: '1.5Ki' } } },
        { options: { json: { infoBufferSize: '1024Ki' } } },
      ],
      [{ verbosity: 4_294_967_296 }, { verbosity: -1 }],
    ),
    shutdownGracePeriodByPodPriority: fc.constant([{ priority: 1, shutdownGracePeriodSeconds: 5 }]),
    rotateCertificates: fc.boolean(),
    staticPodPath: fc.constantFrom('/etc/kubernetes/manifests', '/opt/static'),
    resolvConf: fc.constantFrom('', '/etc/resolv.conf'),
    containerLogMaxFiles: fc.nat(9),
    memorySwap: fc.constant({ swapBehavior: 'NoSwap' }),
    tracing: fc.constant({ endpoint: 'a:1', samplingRatePerMillion: 5 }),
    reservedMemory: quantity.map((memory) => [{ numaNode: 0, limits: { memory } }]),
    registerWithTaints: fc.constantFrom(
      [{ key: 'k', effect: 'NoSchedule' }],
      [{ key: 'k', effect: 'NoSchedule', timeAdded: '2030-01-02T3:04:05,5+24:00' }],
    ),
  },
  { requiredKeys: [] },
);

const kubeProxy = fc.record(
  {
    mode: fc.constantFrom('iptables', 'nftables', 'ipvs'),
    conntrack: fc.constantFrom<Fields>({ maxPerCore: 0 }, { min: 5, tcpEstablishedTimeout: '1h' }),
    iptables: fc.constant({ masqueradeAll: true, syncPeriod: '30s' }),
    bindAddress: fc.constantFrom('0.0.0.0', '::', '10.0.0.1'),
    nodePortAddresses: fc.constantFrom<string[]>([], ['10.0.0.0/8']),
    oomScoreAdj: fc.constantFrom(0, -900),
    clientConnection: fc.constantFrom<Fields>({ qps: 0.1 }, { qps: 16_777_217, burst: 5 }),
    featureGates: fc.constant({ X: true }),
  },
  { requiredKeys: [] },
);

const cluster = fc.record(
  {
    clusterName: fc.constantFrom('prod', 'a b', 'true'),
    controlPlaneEndpoint: fc.constantFrom(
      'cp.example',
      'cp.example:8443',
      '10.1.1.1',
      '[fd00::9]:6443',
      'fd00::9',
    ),
    certificatesDir: fc.constantFrom(
      '/etc/kubernetes/pki',
      '/etc/kubernetes/other',
      '/etc/kubernetes/pki/',
      '/etc/kubernetes/x/../other',
    ),
    imageRepository: fc.constantFrom('registry.example/k8s', 'localhost:5000', 'registry.k8s.io'),
    dns: fc.constantFrom<Fields>(
      { imageTag: 'v1.13.0' },
      { imageRepository: 'registry.example/dns' },
      { disabled: true },
    ),
    proxy: fc.constantFrom<Fields>({}, { disabled: true }),
    certificateValidityPeriod: fc.constantFrom('1h', '8760h', '26280h'),
    caCertificateValidityPeriod: fc.constantFrom('87600h', '24h', '175200h'),
    featureGates: fc.constantFrom<Fields>({}, { NodeLocalCRISocket: false }, { NodeLocalCRISocket: true }),
    apiServer: fc.record({ ...component, extraArgs: apiServerArgs, certSANs: sans }, { requiredKeys: [] }),
    controllerManager: fc.record(component, { requiredKeys: [] }),
    scheduler: fc.record(component, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const init = fc.record(
  {
    bootstrapTokens: fc.constantFrom<unknown[]>(
      [{ token: 'abcdef.0123456789abcdef' }],
      [
        {
          token: 'abcdef.0123456789abcdef',
          description: 'one: two',
          ttl: '0s',
          usages: ['signing'],
          groups: ['system:bootstrappers:x'],
        },
      ],
      [{ token: 'abcdef.0123456789abcdef', ttl: '1h', usages: ['authentication'] }],
    ),
    timeouts: fc.constantFrom<Fields>(
      { controlPlaneComponentHealthCheck: '6m' },
      { controlPlaneComponentHealthCheck: '61s', kubernetesAPICall: '2s' },
    ),
    skipPhases: fc.constantFrom<string[]>([], ['addon/kube-proxy']),
  },
  { requiredKeys: [] },
);

/** Versions of both minors that kubeadm deploys. */
const version = fc.oneof(
  fc.constantFrom('v1.36.2', '1.36.0', 'v1.36.3-rc.0', 'v1.36.2+build.5'),
  fc.constantFrom('v1.35.4', '1.35.0', 'v1.35.5-rc.0', 'v1.35.4+build.5'),
);

const one: fc.Arbitrary<Omit<Case, 'name'>> = fc
  .record({
    network,
    etcd,
    registration,
    cluster,
    init,
    kubelet: fc.option(kubelet, { freq: 2 }),
    kubeProxy: fc.option(kubeProxy, { freq: 2 }),
    // Most keys are ECDSA, because RSA keys take seconds.
    algorithm: fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom('ECDSA-P256', 'ECDSA-P384') },
      fc.constantFrom('RSA-2048', 'RSA-3072'),
    ),
    bindPort: fc.constantFrom(6443, 7443),
    write: fc.oneof(
      { weight: 3, arbitrary: fc.constant(toYaml) },
      { weight: 1, arbitrary: fc.constant(toFlowOfFields) },
      {
        weight: 1,
        arbitrary: lineEnd.map((end) => (document: Fields) => toYaml(document).replaceAll('\n', end)),
      },
    ),
    version,
    commands: fc.oneof(
      { weight: 4, arbitrary: fc.constant(files) },
      { weight: 3, arbitrary: fc.constant(dryRun) },
      { weight: 1, arbitrary: fc.constant(dryRunUpload) },
      { weight: 2, arbitrary: fc.constant(inspect) },
    ),
  })
  .map(
    ({
      network,
      etcd,
      registration,
      cluster,
      init,
      kubelet,
      kubeProxy,
      algorithm,
      bindPort,
      write,
      version,
      commands,
    }) => {
      const documents: Fields[] = [
        {
          apiVersion: 'kubeadm.k8s.io/v1beta4',
          kind: 'InitConfiguration',
          ...init,
          localAPIEndpoint: { advertiseAddress: network.advertiseAddress, bindPort },
          nodeRegistration: { name: 'cp1', ...registration },
        },
        {
          apiVersion: 'kubeadm.k8s.io/v1beta4',
          kind: 'ClusterConfiguration',
          ...cluster,
          encryptionAlgorithm: algorithm,
          kubernetesVersion: version,
          networking: network.networking,
          ...(Object.keys(etcd).length === 0 ? {} : { etcd }),
        },
        ...(kubelet === null
          ? []
          : [{ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', ...kubelet }]),
        ...(kubeProxy === null
          ? []
          : [
              {
                apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
                kind: 'KubeProxyConfiguration',
                ...kubeProxy,
              },
            ]),
      ];
      return { config: documents.map(write).join('---\n'), commands };
    },
  );

/** Returns cases for the configurations of the manifest tests, and one with a flag instead of a file. */
export function fixedCases(): readonly Case[] {
  const testdata = path.resolve(import.meta.dirname, '../../src/manifests/testdata');
  const older = readFileSync(path.join(testdata, 'plain-1.35/config.yaml'), 'utf8');
  const byName = globSync('*/config.yaml', { cwd: testdata }).flatMap((file) => {
    // The keys are ECDSA, because RSA keys take seconds and no manifest depends on the algorithm.
    const text = readFileSync(path.join(testdata, file), 'utf8');
    const config = `${text}encryptionAlgorithm: ECDSA-P256\n`;
    const of = { files, dryRun, inspect };
    return Object.entries(of).map(([name, commands]) => ({
      name: `${path.dirname(file)}, ${name}`,
      config,
      commands,
    }));
  });
  const byFlag = [['config', 'images', 'list', '--kubernetes-version', 'v1.35.4']];
  return [...byName, { name: 'images of 1.35 by a flag', config: older, commands: byFlag }];
}

/** Returns random cases. The same seed gives the same cases. */
export function randomCases(count: number, seed: number): readonly Case[] {
  return fc
    .sample(one, { numRuns: count, seed })
    .map((sample, index) => ({ name: `random-${index}`, ...sample }));
}
