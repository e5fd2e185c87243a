import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createMemoryHost } from '../host/memory/index.ts';
import { formatDuration } from '../lib/go/duration.ts';
import { toYaml } from '../lib/yaml/write.ts';
import { type CheckOptions, checkDocuments } from './check-file.ts';
import { describeFinding, type Finding } from './findings/finding.ts';
import { joinDocuments } from './print.ts';
import { parseDocuments } from './reading/documents.ts';

const path = '/root/old.yaml';

async function migrate(text: string, options: Partial<CheckOptions> = {}): Promise<string> {
  const host = createMemoryHost();
  const all = { criDetection: false, allowDeprecated: true, file: path, ...options };
  return joinDocuments((await checkDocuments(host, parseDocuments(text, path), all)).documents);
}

const init3 = `apiVersion: kubeadm.k8s.io/v1beta3
kind: InitConfiguration
bootstrapTokens:
- token: abcdef.0123456789abcdef
  ttl: 1h
nodeRegistration:
  name: CP1
  criSocket: unix:///run/x.sock
  kubeletExtraArgs:
    v: "2"
    a: b
localAPIEndpoint:
  advertiseAddress: 10.0.0.5
`;
const cluster3 = `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
kubernetesVersion: 1.36.1
controlPlaneEndpoint: lb.example.com
apiServer:
  timeoutForControlPlane: 6m
  certSANs: [LB.example.com]
  extraArgs:
    profiling: "false"
`;
const join3 = `apiVersion: kubeadm.k8s.io/v1beta3
kind: JoinConfiguration
nodeRegistration: {name: w1, criSocket: "unix:///run/x.sock"}
discovery:
  timeout: 7m
  tlsBootstrapToken: abcdef.0123456789abcdef
  bootstrapToken:
    token: abcdef.0123456789abcdef
    apiServerEndpoint: 10.0.0.5:6443
    unsafeSkipCAVerification: true
`;

test('v1beta3 becomes v1beta4, as upstream writes it', async () => {
  expect(await migrate(`${join3}---\n${init3}---\n${cluster3}`)).toBe(`apiVersion: kubeadm.k8s.io/v1beta4
bootstrapTokens:
- groups:
  - system:bootstrappers:kubeadm:default-node-token
  token: abcdef.0123456789abcdef
  ttl: 1h0m0s
  usages:
  - signing
  - authentication
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: 10.0.0.5
  bindPort: 6443
nodeRegistration:
  criSocket: unix:///run/x.sock
  imagePullPolicy: IfNotPresent
  imagePullSerial: true
  kubeletExtraArgs:
  - name: a
    value: b
  - name: v
    value: "2"
  name: cp1
  taints:
  - effect: NoSchedule
    key: node-role.kubernetes.io/control-plane
timeouts:
  controlPlaneComponentHealthCheck: 6m0s
  discovery: 5m0s
  etcdAPICall: 2m0s
  kubeletHealthCheck: 4m0s
  kubernetesAPICall: 1m0s
  tlsBootstrap: 5m0s
  upgradeManifests: 5m0s
---
apiServer:
  certSANs:
  - lb.example.com
  extraArgs:
  - name: profiling
    value: "false"
apiVersion: kubeadm.k8s.io/v1beta4
caCertificateValidityPeriod: 87600h0m0s
certificateValidityPeriod: 8760h0m0s
certificatesDir: /etc/kubernetes/pki
clusterName: kubernetes
controlPlaneEndpoint: lb.example.com:6443
controllerManager: {}
dns: {}
encryptionAlgorithm: RSA-2048
etcd:
  local:
    dataDir: /var/lib/etcd
imageRepository: registry.k8s.io
kind: ClusterConfiguration
kubernetesVersion: v1.36.1
networking:
  dnsDomain: cluster.local
  serviceSubnet: 10.96.0.0/12
proxy: {}
scheduler: {}
---
apiVersion: kubeadm.k8s.io/v1beta4
caCertPath: /etc/kubernetes/pki/ca.crt
discovery:
  bootstrapToken:
    apiServerEndpoint: 10.0.0.5:6443
    token: abcdef.0123456789abcdef
    unsafeSkipCAVerification: true
  tlsBootstrapToken: abcdef.0123456789abcdef
kind: JoinConfiguration
nodeRegistration:
  criSocket: unix:///run/x.sock
  imagePullPolicy: IfNotPresent
  imagePullSerial: true
  name: w1
  taints: null
timeouts:
  controlPlaneComponentHealthCheck: 6m0s
  discovery: 7m0s
  etcdAPICall: 2m0s
  kubeletHealthCheck: 4m0s
  kubernetesAPICall: 1m0s
  tlsBootstrap: 5m0s
  upgradeManifests: 5m0s
`);
});

test('an empty file and a file with only component configurations have nothing to migrate', async () => {
  expect(await migrate('')).toBe('');
  expect(
    await migrate('apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfoo: 1\n'),
  ).toBe('');
});

test('unknown fields and duplicate keys of all documents are errors, in one message', async () => {
  const text = `${init3}foo: 1\n---\n${cluster3}clusterName: a\nclusterName: b\napiServr: {}\n`;
  const failure = migrate(text);
  await expect(failure).rejects.toThrow('3 problems with /root/old.yaml');
  await expect(failure).rejects.toThrow('document 1, line 14, foo: unknown field "foo"');
  await expect(failure).rejects.toThrow(
    'document 2, line 26, clusterName: key "clusterName" is there twice\n',
  );
  await expect(failure).rejects.toThrow('apiServr: unknown field "apiServr" (did you mean "apiServer"?)');
});

test.each([
  ['apiVersion: example.com/v1\nkind: Foo\n', 'example.com/v1, Kind=Foo'],
  ['apiVersion: kubeadm.k8s.io/v1beta4\nkind: Foo\n', 'kubeadm.k8s.io/v1beta4, Kind=Foo'],
  ['apiVersion: kubelet.config.k8s.io/v1\nkind: KubeletConfiguration\n', 'kubelet.config.k8s.io/v1'],
  [
    'apiVersion: kubeadm.k8s.io/v1beta2\nkind: ClusterConfiguration\n',
    'old API spec: "kubeadm.k8s.io/v1beta2"',
  ],
  ['apiVersion: kubeadm.k8s.io/v1beta3\nkind: ResetConfiguration\n', 'no kind "ResetConfiguration"'],
])('%j is refused', async (text, message) => {
  await expect(migrate(text)).rejects.toThrow(message);
});

test.each([
  ['apiVersion: kubeadm.k8s.io/v9\nkind: InitConfiguration\n', 'line 1, apiVersion'],
  ['kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1\n', 'line 2, apiVersion'],
  ['apiVersion: kubeadm.k8s.io/v1beta4\nkind: Foo\n', 'line 2, kind'],
])('the place of %j is the field that is unknown', async (text, place) => {
  await expect(migrate(text)).rejects.toThrow(`document 1, ${place}: `);
});

const checks = 'ignorePreflightErrors: [Swap, All]';

test.each([
  [
    `${init3}`.replace('  name: CP1', `  name: cp1\n  ${checks}`),
    'line 8, nodeRegistration.ignorePreflightErrors',
  ],
  [
    `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ResetConfiguration\n${checks}\n`,
    'line 3, ignorePreflightErrors',
  ],
  [
    `apiVersion: kubeadm.k8s.io/v1beta4\nkind: UpgradeConfiguration\nplan:\n  ${checks}\n`,
    'line 4, plan.ignorePreflightErrors',
  ],
])('`all` beside other checks is refused only if a run is to use the file: %j', async (text, place) => {
  await migrate(text);
  const refused = migrate(text, { forRun: true });
  await expect(refused).rejects.toThrow(place);
  await expect(refused).rejects.toThrow("don't specify individual checks if 'all' is used");
});

test('warnings are reported before the error that ends the run', async () => {
  const warnings: Finding[] = [];
  const onWarning = (finding: Finding) => void warnings.push(finding);
  await expect(migrate(`${init3}foo: 1\n`, { allowDeprecated: false, onWarning })).rejects.toThrow('foo');
  expect(warnings.map(describeFinding)).toEqual([
    expect.stringContaining(
      'document 1, line 1, apiVersion: your configuration file uses a deprecated API spec',
    ),
  ]);
});

const duration = fc.integer({ min: 0, max: 1e6 }).map((seconds) => formatDuration(seconds * 1000));
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const args = fc.array(fc.record({ name: word, value: fc.string() }), { maxLength: 3 });
const volumes = fc.array(
  fc.record(
    { name: word, hostPath: word, mountPath: word, readOnly: fc.boolean(), pathType: word },
    { requiredKeys: ['name', 'hostPath', 'mountPath'] },
  ),
  { maxLength: 2 },
);
const component = fc.record({ extraArgs: args, extraVolumes: volumes }, { requiredKeys: [] });
const cluster = fc.record(
  {
    apiServer: component,
    controllerManager: component,
    scheduler: component,
    clusterName: fc.string(),
    certificateValidityPeriod: duration,
    controlPlaneEndpoint: word,
    dns: fc.record({ imageTag: fc.string(), disabled: fc.boolean() }, { requiredKeys: [] }),
    proxy: fc.record({ disabled: fc.boolean() }),
    featureGates: fc.record({ PublicKeysECDSA: fc.boolean(), RootlessControlPlane: fc.boolean() }),
    networking: fc.record({ podSubnet: fc.constantFrom('10.1.0.0/16', 'fd00::/56'), dnsDomain: word }),
    etcd: fc.oneof(
      fc.record({ local: fc.record({ dataDir: word.map((name) => `/${name}`), extraArgs: args }) }),
      fc.record({
        external: fc.record({ endpoints: fc.constant(['https://a:2379']), caFile: fc.constant('/a') }),
      }),
    ),
  },
  { requiredKeys: [] },
);

test('a migrated file is read as the same configuration', async () => {
  await fc.assert(
    fc.asyncProperty(cluster, async (fields) => {
      const head = { apiVersion: 'kubeadm.k8s.io/v1beta4', kind: 'ClusterConfiguration' };
      const once = await migrate(
        `${init3}---\n${toYaml({ ...head, kubernetesVersion: 'v1.36.2', ...fields })}`,
      );
      expect(await migrate(once)).toBe(once);
    }),
    { numRuns: 60 },
  );
});

test('an empty path of a discovery file is refused', async () => {
  const join = join3
    .replace('v1beta3', 'v1beta4')
    .replace(/discovery:[\s\S]*/, 'discovery: {file: {kubeConfigPath: ""}}\n');
  await expect(migrate(join)).rejects.toThrow('discovery.file.kubeConfigPath');
});
