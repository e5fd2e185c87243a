import { expect, test } from 'vitest';

import { FileError, KubeadmError } from '../errors.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { toYaml } from '../lib/yaml/write.ts';
import { describeFinding } from './findings/finding.ts';
import { type InitOverlay, loadInitFamily } from './load.ts';

const path = '/root/kubeadm.yaml';

const init = `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration:
  name: CP1
localAPIEndpoint:
  advertiseAddress: 10.0.0.5
`;
const cluster = `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.2
`;

async function load(text: string, overlay?: InitOverlay) {
  const host = createMemoryHost({ files: { [path]: text } });
  return await loadInitFamily(
    host,
    { configPath: path, ...(overlay === undefined ? {} : { overlay }) },
    { criDetection: false },
  );
}

async function refusal(text: string): Promise<KubeadmError> {
  const error = await load(text).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof KubeadmError)) throw new Error(`not refused: ${String(error)}`);
  return error;
}

test('defaults and the taint are set, and names become lower case', async () => {
  const { config, warnings } = await load(`${init}---\n${cluster}`);
  expect(warnings).toEqual([]);
  expect(config.init.nodeRegistration).toMatchObject({
    name: 'cp1',
    criSocket: 'unix:///var/run/containerd/containerd.sock',
    taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
    imagePullSerial: true,
  });
  expect(config.init.bootstrapTokens[0]?.token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
  expect(config.init.timeouts.kubernetesAPICall).toBe(60_000);
  expect(config.cluster.etcd.local?.dataDir).toBe('/var/lib/etcd');
  expect(config.kubelet.data).toMatchObject({
    clusterDNS: ['10.96.0.10'],
    cgroupDriver: 'systemd',
    syncFrequency: '0s',
  });
  expect(config.kubeProxy.data).toMatchObject({ bindAddress: '0.0.0.0', conntrack: { maxPerCore: null } });
  expect(config.kubelet.userSupplied).toBe(false);
});

test('`taints: []` means no taints, and `taints: null` means the default', async () => {
  const none = await load(`${init.replace('name: CP1', 'name: cp1\n  taints: []')}---\n${cluster}`);
  expect(none.config.init.nodeRegistration.taints).toEqual([]);
  const given = await load(`${init.replace('name: CP1', 'name: cp1\n  taints: null')}---\n${cluster}`);
  expect(given.config.init.nodeRegistration.taints).toHaveLength(1);
});

test('unknown fields and duplicate keys are warnings with document, path, line and a suggestion', async () => {
  const { config, warnings } = await load(
    `${init.replace('advertiseAddress', 'advertiseAdress: 1.2.3.4\n  advertiseAddress')}---\n${cluster}kubernetesVersion: v1.36.1\n`,
  );
  const texts = warnings.map(describeFinding);
  expect(texts).toContain(
    `${path}: document 1, line 6, localAPIEndpoint.advertiseAdress: unknown field "advertiseAdress" (did you mean "advertiseAddress"?)`,
  );
  expect(
    texts.some((text) =>
      text.includes('document 2, line 12, kubernetesVersion: key "kubernetesVersion" is there twice'),
    ),
  ).toBe(true);
  expect(config.cluster.kubernetesVersion).toBe('v1.36.1');
});

test('documents of other kinds are ignored with a warning', async () => {
  const { warnings } = await load(
    `${init}---\n${cluster}---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n`,
  );
  expect(warnings.map(describeFinding)).toEqual([
    `${path}: document 3, line 13: ignored: kubeadm.k8s.io/v1beta4, Kind=JoinConfiguration; read here: InitConfiguration, ClusterConfiguration and component configurations`,
  ]);
});

test('all invalid values are in one message, each with its place', async () => {
  const error = await refusal(
    `${init.replace('name: CP1', 'name: "no good"')}---\n${cluster}networking:\n  podSubnet: 10.0.0.0/33\n  dnsDomain: UPPER\ncertificatesDir: pki\n`,
  );
  expect(error.code).toBe('config-invalid');
  expect(error.message).toContain('4 problems');
  expect(error.message).toContain('document 1, line 4, nodeRegistration.name: Invalid value: "no good"');
  expect(error.message).toContain('document 2, line 12, networking.podSubnet');
  expect(error.message).toContain(
    'document 2, line 14, certificatesDir: Invalid value: "pki": path is not absolute',
  );
});

test.each([
  [
    `${init.replace('10.0.0.5', 'nope')}---\n${cluster}`,
    'document 1, line 6, localAPIEndpoint.advertiseAddress',
  ],
  [`${init}---\n${cluster}controlPlaneEndpoint: a:99999\n`, 'document 2, line 11, controlPlaneEndpoint'],
  [`${init}---\n${cluster.replace('v1.36.2', 'banana')}`, 'document 2, line 10, kubernetesVersion'],
  [`${init}---\n${cluster.replace('v1.36.2', 'v1.34.0')}`, 'document 2, line 10, kubernetesVersion'],
])('a value that is refused before the other checks has a place: %j', async (text, place) => {
  const { message, hint, place: structured } = await refusal(text);
  expect(message).toContain(`${path}: ${place}: `);
  expect(hint).toBeDefined();
  expect(structured).toMatchObject({ file: path, line: expect.any(Number) });
});

test('a refused controlPlaneEndpoint is named once', async () => {
  const { hint, message } = await refusal(`${init}---\n${cluster}controlPlaneEndpoint: a:99999\n`);
  expect(message.match(/controlPlaneEndpoint/g)).toHaveLength(1);
  expect(hint).toContain('--control-plane-endpoint');
});

test('an invalid value of a flag has no place in a file', async () => {
  const overlay = { init: { localAPIEndpoint: { advertiseAddress: 'nope' } } };
  await expect(loadInitFamily(createMemoryHost(), { overlay }, { criDetection: false })).rejects.toThrow(
    /^couldn't use "nope"/,
  );
});

test('a token that is malformed is refused and never shown', async () => {
  const error = await refusal(`${init}bootstrapTokens:\n- token: sEcReT\n---\n${cluster}`);
  expect(error.message).toContain('document 1, line 8, bootstrapTokens[0].token');
  expect(error.message).not.toContain('sEcReT');
});

test.each([
  ['', 'no InitConfiguration or ClusterConfiguration kind was found'],
  ['a: b\n', 'kind and apiVersion is mandatory'],
  ['apiVersion: v1\nkind: Pod\n', 'kind and apiVersion is mandatory'],
  [`${cluster}---\n${cluster}`, 'kind "ClusterConfiguration" is there twice'],
  [`${cluster}networking: [`, 'line 5, column 1'],
  [`${cluster}networking: text\n`, 'this is the text "text", and must be a map with fields'],
  [`${cluster}clusterName: 5\n`, 'write "5", with quotes'],
  [`${cluster}certificateValidityPeriod: soon\n`, 'a duration such as 4m0s'],
  [`${cluster}kubernetesVersion: banana\n`, "doesn't match patterns"],
  [`${cluster.replace('v1.36.2', 'v1.34.0')}`, 'control plane version >= 1.35.0'],
  [
    `${cluster}controlPlaneEndpoint: a:99999\n`,
    'port 99999 must be a valid number between 1 and 65535, inclusive',
  ],
  [cluster.replace('v1beta4', 'v1beta2'), 'old API spec: "kubeadm.k8s.io/v1beta2"'],
  [
    cluster.replace('v1beta4', 'v9'),
    'no kind "ClusterConfiguration" is known in version "kubeadm.k8s.io/v9"',
  ],
  [
    `apiVersion: kubeadm.io/v1beta4\nkind: InitConfiguration\n---\n${cluster}`,
    'no kind "InitConfiguration" is known in version "kubeadm.io/v1beta4"',
  ],
  [`${cluster}etcd:\n  local: {}\n  external:\n    endpoints: [https://a:1]\n`, 'mutually exclusive'],
  [
    `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n${cluster}`,
    'alias',
  ],
])('%j is refused', async (text, message) => {
  expect((await refusal(text)).message).toContain(message);
});

test('files that are not text are refused before they are parsed', async () => {
  const host = createMemoryHost({
    files: { '/bin': '\0\u0001', '/large': 'x'.repeat(5 * 1024 * 1024), '/dir/file': '', '/mark': '\ufeff' },
  });
  const load = async (configPath: string) =>
    await loadInitFamily(host, { configPath }, { criDetection: false });
  await expect(load('/bin')).rejects.toThrow('NUL bytes');
  await expect(load('/mark')).rejects.toThrow('kind and apiVersion is mandatory');
  await expect(load('/large')).rejects.toThrow('a configuration has at most 4');
  await expect(load('/dir')).rejects.toThrow('it is a directory');
  await expect(load('/missing')).rejects.toThrow('unable to read config from "/missing": no such file');
});

test.each([
  ['EACCES', 'check its owner and mode'],
  ['EMFILE', "raise the limit of open files: 'ulimit -n' shows that of a process"],
  ['EIO', 'check the path given to --config, and the file system that it is on'],
])('the hint for a file that cannot be read fits %s', async (errno, hint) => {
  const host = createMemoryHost({ files: { [path]: cluster } });
  const read = async () => Promise.reject(new FileError('open', path, errno));
  const failing = { ...host, files: { ...host.files, read } };
  await expect(loadInitFamily(failing, { configPath: path }, { criDetection: false })).rejects.toMatchObject({
    code: 'config-unreadable',
    hint,
  });
});

test('v1beta3 is read with a warning, its arguments are sorted, and its timeout is used', async () => {
  const { config, warnings } = await load(
    `${init.replaceAll('v1beta4', 'v1beta3')}---\n${cluster.replaceAll('v1beta4', 'v1beta3')}apiServer:\n  timeoutForControlPlane: 6m\n  extraArgs:\n    z: "1"\n    a: "2"\n`,
  );
  expect(config.cluster.apiServer.extraArgs).toEqual([
    { name: 'a', value: '2' },
    { name: 'z', value: '1' },
  ]);
  expect(config.init.timeouts.controlPlaneComponentHealthCheck).toBe(360_000);
  expect(warnings).toHaveLength(2);
  expect(warnings[0]?.hint).toContain('kubeadm config migrate');
});

test('a kubelet configuration of the user keeps its values, gets defaults, and differences are warnings', async () => {
  const { config, warnings } = await load(
    `${init}---\n${cluster}---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: 42\nclusterDNS: [10.96.0.53]\nmaxPodz: 1\n`,
  );
  expect(config.kubelet.userSupplied).toBe(true);
  expect(config.kubelet.data).toMatchObject({
    maxPods: 42,
    clusterDNS: ['10.96.0.53'],
    rotateCertificates: true,
  });
  const texts = warnings.map(describeFinding).join('\n');
  expect(texts).toContain('line 15, clusterDNS: the recommended value');
  expect(texts).toContain('unknown field "maxPodz" (did you mean "maxPods"?)');
});

const kubeletHead = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

test('numbers, durations and quantities of a component are written in their normal form', async () => {
  const { config } = await load(
    `${init}---\n${cluster}---\n${kubeletHead}${[
      'maxOpenFiles: 9223372036854775807',
      'podPidsLimit: 9007199254740993',
      'syncFrequency: 2562047h47m16.854775807s',
      'reservedMemory: [{numaNode: 0, limits: {memory: "0.5"}}]',
      '',
    ].join('\n')}`,
  );
  const text = toYaml(config.kubelet.data);
  expect(text).toContain('\nmaxOpenFiles: 9223372036854775807\n');
  expect(text).toContain('\npodPidsLimit: 9007199254740993\n');
  expect(text).toContain('\nsyncFrequency: 2562047h47m16.854775807s\n');
  expect(text).toContain('memory: 500m\n');
});

test.each([
  ['podPidsLimit: 9223372036854775808', 'line 14, podPidsLimit: this is the number 9223372036854775808'],
  ['maxPods: 2147483648', 'a whole number from -2147483648 to 2147483647'],
  ['logging: {verbosity: -1}', 'logging.verbosity: this is the number -1, and must be a whole number from 0'],
  ['memoryThrottlingFactor: .inf', 'a number must be finite'],
  ['reservedMemory: [{numaNode: 0, limits: {memory: 1GB}}]', 'reservedMemory[0].limits.memory'],
  ['logging: {options: {json: {infoBufferSize: ""}}}', 'must be a quantity such as'],
])('a KubeletConfiguration with %s is refused', async (line, message) => {
  const error = await refusal(`${init}---\n${cluster}---\n${kubeletHead}${line}\n`);
  expect(error.message).toContain(message);
});

test.each([
  ['v1beta2', 'JoinConfiguration', 'v1.22'],
  ['v1alpha1', 'MasterConfiguration', 'v1.11'],
  ['v1beta1', 'ClusterStatus', 'v1.15'],
])('a document of version %s and kind %s is refused beside valid ones', async (version, kind, release) => {
  const old = `apiVersion: kubeadm.k8s.io/${version}\nkind: ${kind}\n`;
  for (const text of [`${cluster}---\n${old}`, old]) {
    const error = await refusal(text);
    expect(error.message).toContain(`old API spec: "kubeadm.k8s.io/${version}" (kind: "${kind}")`);
    expect(error.hint).toContain(`use kubeadm ${release} instead`);
  }
});

test('the field names kind and apiVersion are read in upper or lower case, with a warning', async () => {
  const { config, warnings } = await load(`${init}---\n${cluster.replace('kind', 'Kind')}clusterName: x\n`);
  expect(config.cluster.clusterName).toBe('x');
  expect(warnings.map(({ message }) => message)).toEqual(['unknown field "Kind"']);
});

test('findings have the order of the file', async () => {
  const { message } = await refusal(`${init}bad: 1\ndryRun: x\n---\n${cluster}dns: y\nproxy: z\n`);
  const lines = [...message.matchAll(/document (\d), line (\d+)/g)].map(([, document, line]) => [
    document,
    line,
  ]);
  expect(lines).toEqual([
    ['1', '8'],
    ['2', '13'],
    ['2', '14'],
  ]);
});

test('a warning about a default has the values and no line', async () => {
  const { warnings } = await load(`${init}---\n${cluster}caCertificateValidityPeriod: 24h\n`);
  expect(warnings.map(describeFinding)).toEqual([
    `${path}: document 2, certificateValidityPeriod: it is 8760h0m0s, more than caCertificateValidityPeriod, which is 24h0m0s: certificates will outlive their CA`,
  ]);
});

test('the path of the CA file of the kubelet is normalized', async () => {
  const { config } = await load(`${init}---\n${cluster}certificatesDir: /etc/kubernetes/x/../pki/\n`);
  expect(config.kubelet.data).toMatchObject({
    authentication: { x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' } },
  });
  expect(config.cluster.certificatesDir).toBe('/etc/kubernetes/x/../pki/');
});

test('a minor as the version is refused with values that work', async () => {
  const { message } = await refusal(cluster.replace('v1.36.2', '1.30'));
  expect(message).toContain(
    'this is the number 1.30, and must be text: write a release such as v1.36.2, or a label such as stable-1',
  );
  const { hint } = await refusal(cluster.replace('v1.36.2', '"1.35"'));
  expect(hint).toBe('write a release such as v1.36.2, or stable-1.35 for the newest release of 1.35');
});

test('a hint quotes the text of the file', async () => {
  const { message } = await refusal(`${cluster}clusterName: 1.30\n`);
  expect(message).toContain('this is the number 1.30, and must be text: write "1.30", with quotes');
});

const kubelet = (fields: string): string => `${init}---
${cluster}---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
${fields}
`;
const reserved = (memory: string): string =>
  kubelet(`reservedMemory: [{ numaNode: 0, limits: { memory: ${memory} } }]`);

test.each(['1GB', '1K', '1 Gi', '""', '1e2.5'])('the quantity %s is refused', async (memory) => {
  const { message } = await refusal(reserved(memory));
  expect(message).toContain('reservedMemory[0].limits.memory');
  expect(message).toContain('must be a quantity such as 64Mi');
  const buffer = `logging: { options: { json: { infoBufferSize: ${memory} } } }`;
  expect((await refusal(kubelet(buffer))).message).toContain('logging.options.json.infoBufferSize');
});

test.each([
  ['1.5Gi', '1536Mi'],
  ['1000', '1k'],
  ['0.1', '100m'],
  ['1000m', '1'],
  ['null', '0'],
])('the quantity %s is written as %s, as upstream writes it', async (memory, written) => {
  const { config } = await load(reserved(memory));
  expect(config.kubelet.data.reservedMemory).toEqual([{ numaNode: 0, limits: { memory: written } }]);
});

test('a label chooses the release that it resolves to', async () => {
  const url = 'https://dl.k8s.io/release/stable-1.35.txt';
  const host = createMemoryHost({ http: { [url]: { status: 200, body: 'v1.35.9\n' } } });
  const overlay = {
    cluster: { kubernetesVersion: 'stable-1.35' },
    init: { localAPIEndpoint: { advertiseAddress: '10.0.0.5' } },
  };
  const { config } = await loadInitFamily(host, { overlay }, { criDetection: false });
  expect(config.cluster.kubernetesVersion).toBe('v1.35.9');
  expect(config.release.minor).toBe('1.35');
});
