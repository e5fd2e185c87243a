import { expect, test } from 'vitest';

import type { Finding } from '../findings/finding.ts';
import type { InitFamilyConfig } from '../hub.ts';
import type { RawCluster, RawInit, RawJoin } from '../v1beta4/defaults.ts';
import { defaultCluster, defaultInit, defaultJoin, defaultReset } from '../v1beta4/defaults.ts';
import { validateInit, validateJoin, validateReset } from './index.ts';

const token = 'abcdef.0123456789abcdef';

function findings(cluster: RawCluster, init: RawInit = {}): readonly Finding[] {
  const config: Pick<InitFamilyConfig, 'init' | 'cluster'> = {
    cluster: defaultCluster({ kubernetesVersion: 'v1.36.2', ...cluster }),
    init: defaultInit({
      bootstrapTokens: [{ token }],
      localAPIEndpoint: { advertiseAddress: '10.0.0.5' },
      ...init,
      nodeRegistration: { name: 'n1', criSocket: 'unix:///run/x.sock', ...init.nodeRegistration },
    }),
  };
  return validateInit(config);
}

/** Returns the paths of the errors, in order. */
function errors(cluster: RawCluster, init?: RawInit): readonly (string | undefined)[] {
  return findings(cluster, init).flatMap(({ severity, place }) => (severity === 'error' ? [place.path] : []));
}

test('defaults are valid', () => {
  expect(findings({})).toEqual([]);
});

// Upstream's binary gives the same results.
const service = 'networking.serviceSubnet';
test.each([
  ['10.96.0.0/12', []],
  ['10.96.0.0/11', [service]],
  ['10.96.0.0/28', []],
  ['10.96.0.0/29', [service]],
  ['fd00::/108', []],
  ['fd00::/107', [service]],
  ['fd00::/125', [service]],
  ['10.0.0.0/16,fd00::/112', []],
  ['10.0.0.0/16, fd00::/112', [service]],
  ['10.0.0.0/16,10.1.0.0/16', [service]],
  ['10.0.0.0/16,fd00::/112,10.2.0.0/16', [service]],
  ['10.0.0.0/33', [service]],
  ['010.0.0.0/016', []],
  ['0.0.0.0/0', [service, service]],
])('service subnet %s', (serviceSubnet, paths) => {
  expect(errors({ networking: { serviceSubnet } })).toEqual(paths);
});

const pod = 'networking.podSubnet';
test.each([
  ['10.244.0.0/16', [], []],
  ['10.244.0.0/8', [], []],
  ['10.244.0.0/7', [], [pod]],
  ['10.244.0.0/24', [], []],
  ['10.244.0.0/25', [], [pod]],
  ['10.244.0.0/25', [['node-cidr-mask-size-ipv4', '26']], []],
  ['10.244.0.0/25', [['node-cidr-mask-size', '26']], [pod]],
  [
    '10.244.0.0/25',
    [
      ['node-cidr-mask-size-ipv4', '26'],
      ['node-cidr-mask-size-ipv4', '24'],
    ],
    [pod],
  ],
  ['10.244.0.0/25', [['node-cidr-mask-size-ipv4', 'x']], [pod]],
  ['10.244.0.0/25', [['allocate-node-cidrs', 'false']], []],
  ['10.244.0.0/25', [['allocate-node-cidrs', 'FALSE']], [pod]],
  ['fd00::/48', [], []],
  ['fd00::/47', [], [pod]],
  ['10.244.0.0/29', [['node-cidr-mask-size-ipv4', '30']], [pod]],
])('Pod subnet %s with %j', (podSubnet, args, paths) => {
  const extraArgs = args.map(([name = '', value = '']) => ({ name, value }));
  expect(errors({ networking: { podSubnet }, controllerManager: { extraArgs } })).toEqual(paths);
});

test.each<[RawCluster, string]>([
  [{ networking: { dnsDomain: 'Cluster.local' } }, 'networking.dnsDomain'],
  [{ networking: { dnsDomain: 'a'.repeat(254) } }, 'networking.dnsDomain'],
  [{ dns: { imageRepository: '/x' } }, 'dns.imageRepository'],
  [{ imageRepository: 'http://x' }, 'imageRepository'],
  [{ imageRepository: 'x:tag' }, 'imageRepository'],
  [{ certificatesDir: 'pki' }, 'certificatesDir'],
  [{ apiServer: { certSANs: ['a', 'a_b'] } }, 'apiServer.certSANs[1]'],
  [{ apiServer: { certSANs: ['a.*'] } }, 'apiServer.certSANs[0]'],
  [{ apiServer: { extraArgs: [{ value: 'x' }] } }, 'apiServer.extraArgs[0].name'],
  [{ scheduler: { extraArgs: [{ name: '' }] } }, 'scheduler.extraArgs[0].name'],
  [{ featureGates: { Foo: true } }, 'featureGates.Foo'],
  [{ controlPlaneEndpoint: '[fd00::1]' }, 'controlPlaneEndpoint'],
  [{ encryptionAlgorithm: 'rsa-2048' }, 'encryptionAlgorithm'],
  [{ etcd: { local: { dataDir: 'x' } } }, 'etcd.local.dataDir'],
  [{ etcd: { local: { serverCertSANs: ['a b'] } } }, 'etcd.local.serverCertSANs[0]'],
  [{ etcd: { local: {}, external: { endpoints: ['https://a'] } } }, 'etcd'],
  [{ etcd: { external: {} } }, 'etcd.external.endpoints'],
  [{ etcd: { external: { endpoints: ['http://a'], caFile: '/a' } } }, 'etcd.external.endpoints[0]'],
  [
    { etcd: { external: { endpoints: ['https://a'], httpEndpoints: ['a'] } } },
    'etcd.external.httpEndpoints[0]',
  ],
  [{ etcd: { external: { endpoints: ['https://a'], certFile: '/a', caFile: '/c' } } }, 'etcd.external'],
  [{ etcd: { external: { endpoints: ['https://a'], certFile: '/a', keyFile: '/b' } } }, 'etcd.external'],
  [{ etcd: { external: { endpoints: ['https://a'], caFile: 'a' } } }, 'etcd.external.caFile'],
])('%j is invalid', (cluster, path) => {
  expect(errors(cluster)).toEqual([path]);
});

test.each<RawCluster>([
  { imageRepository: 'localhost:5000' },
  { imageRepository: 'Example.com/x__y/z' },
  { imageRepository: '[::1]:5000/x' },
  { apiServer: { certSANs: ['*.a', '10.0.0.1', 'fd00::1', '010.0.0.1'] } },
  { controlPlaneEndpoint: 'fd00::1' },
  { etcd: { external: { endpoints: ['http://a:2379', 'HTTPS://b'] } } },
])('%j is valid', (cluster) => {
  expect(errors(cluster)).toEqual([]);
});

test.each<[RawInit, readonly string[]]>([
  [{ nodeRegistration: { name: 'a_b' } }, ['nodeRegistration.name']],
  [{ nodeRegistration: { name: '' } }, ['nodeRegistration.name']],
  [{ nodeRegistration: { criSocket: 'unix:///%zz' } }, ['nodeRegistration.criSocket']],
  [{ nodeRegistration: { criSocket: 'unixfoo:///x' } }, ['nodeRegistration.criSocket']],
  [{ nodeRegistration: { imagePullPolicy: 'foo' } }, ['nodeRegistration.imagePullPolicy']],
  [
    { nodeRegistration: { kubeletExtraArgs: [{ value: 'x' }] } },
    ['nodeRegistration.kubeletExtraArgs[0].name'],
  ],
  [{ localAPIEndpoint: { advertiseAddress: '10.0.0.5', bindPort: 70_000 } }, ['localAPIEndpoint.bindPort']],
  [{ localAPIEndpoint: { advertiseAddress: 'x' } }, ['localAPIEndpoint.advertiseAddress']],
  [
    { bootstrapTokens: [{ token, usages: ['foo'] }] },
    ['bootstrapTokens[0].usages', 'bootstrapTokens[0].groups'],
  ],
  [{ bootstrapTokens: [{ token, groups: ['foo'] }] }, ['bootstrapTokens[0].groups']],
  [{ bootstrapTokens: [{ token, expires: '2030-01-02T03:04:05Z' }] }, ['bootstrapTokens[0].expires']],
])('%j is invalid', (init, paths) => {
  expect(errors({}, init)).toEqual(paths);
});

test('secrets are not shown', () => {
  const [short, odd] = ['a'.repeat(62), 'g'.repeat(64)];
  for (const certificateKey of [short, odd]) {
    const [finding] = findings({}, { certificateKey });
    expect(finding?.place.path).toBe('certificateKey');
    expect(JSON.stringify(finding)).not.toContain(certificateKey);
  }
  expect(JSON.stringify(findings({}, { bootstrapTokens: [{ token: 'sEcReT' }] }))).not.toContain('sEcReT');
});

test("findings have upstream's order", () => {
  expect(
    errors(
      {
        networking: { podSubnet: 'x', dnsDomain: '_' },
        certificatesDir: 'x',
        etcd: { local: { dataDir: 'y' } },
      },
      { certificateKey: 'zz', nodeRegistration: { name: '-x' }, bootstrapTokens: [{ token: 'x' }] },
    ),
  ).toEqual([
    'nodeRegistration.name',
    'bootstrapTokens[0].token',
    'networking.dnsDomain',
    'networking.podSubnet',
    'certificatesDir',
    'etcd.local.dataDir',
    'certificateKey',
  ]);
});

test('long validity periods and site-local subnets are warnings', () => {
  const warned = findings({
    networking: { podSubnet: 'fec0::/56' },
    certificateValidityPeriod: 8761 * 3_600_000,
    caCertificateValidityPeriod: 3_600_000,
  });
  expect(warned.map(({ severity, place }) => [severity, place.path])).toEqual([
    ['warning', 'networking.podSubnet'],
    ['warning', 'certificateValidityPeriod'],
    ['warning', 'certificateValidityPeriod'],
  ]);
});

const hash = ['sha256:00'];
const byToken = { token, apiServerEndpoint: 'a:1', caCertHashes: hash };
test.each<[RawJoin, readonly string[]]>([
  [{ discovery: { bootstrapToken: byToken } }, []],
  [{}, ['discovery']],
  [{ discovery: { bootstrapToken: byToken, file: { kubeConfigPath: '/x' } } }, ['discovery']],
  [
    { discovery: { bootstrapToken: { ...byToken, caCertHashes: [] } } },
    ['discovery.bootstrapToken.caCertHashes'],
  ],
  [{ discovery: { bootstrapToken: { ...byToken, caCertHashes: [], unsafeSkipCAVerification: true } } }, []],
  [
    { discovery: { bootstrapToken: { ...byToken, apiServerEndpoint: 'a' } } },
    ['discovery.bootstrapToken.apiServerEndpoint'],
  ],
  [
    { discovery: { bootstrapToken: { ...byToken, token: 'x' } } },
    ['discovery.bootstrapToken.token', 'discovery.tlsBootstrapToken'],
  ],
  [{ discovery: { file: { kubeConfigPath: 'file://host/x' } } }, []],
  [{ discovery: { file: { kubeConfigPath: 'https://a/b' } } }, []],
  [{ discovery: { file: { kubeConfigPath: 'http://a/b' } } }, ['discovery.file.kubeConfigPath']],
  [
    { discovery: { file: { kubeConfigPath: '/x' }, tlsBootstrapToken: 'x' } },
    ['discovery.tlsBootstrapToken'],
  ],
  [{ discovery: { bootstrapToken: byToken }, caCertPath: '/x.pem' }, ['caCertPath']],
  [
    { discovery: { bootstrapToken: byToken }, controlPlane: { localAPIEndpoint: { bindPort: -1 } } },
    ['controlPlane.localAPIEndpoint.advertiseAddress', 'controlPlane.localAPIEndpoint.bindPort'],
  ],
])('join: %j', (raw, paths) => {
  const join = defaultJoin({ ...raw, nodeRegistration: { name: 'n', criSocket: 'unix:///x' } });
  expect(validateJoin(join, { discoveryFileMissing: false }).map(({ place }) => place.path)).toEqual(paths);
});

test('the error of join names a discovery file that does not exist', () => {
  const join = defaultJoin({
    discovery: { file: { kubeConfigPath: '/nope' } },
    nodeRegistration: { name: 'n', criSocket: 'unix:///x' },
  });
  expect(validateJoin(join, { discoveryFileMissing: true })[0]?.message).toContain('"/nope"');
});

test('the socket, the folder and the unmount flags of reset are checked', () => {
  const reset = defaultReset({ certificatesDir: 'x', unmountFlags: ['MNT_FORCE', 'FOO'] });
  expect(validateReset(reset).map(({ place }) => place.path)).toEqual([
    'criSocket',
    'certificatesDir',
    'unmountFlags[1]',
  ]);
});

test.each([
  [-1000, ['bootstrapTokens[0].ttl']],
  [0, []],
])('a token with a ttl of %d ms has errors at %j', (ttl, paths) => {
  expect(errors({}, { bootstrapTokens: [{ token, ttl }] })).toEqual(paths);
});
