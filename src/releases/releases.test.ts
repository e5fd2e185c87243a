import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { corednsDeployment } from '../addons/coredns.ts';
import { complete } from '../config/component/index.ts';
import { featureGatesOf } from '../config/feature-gates.ts';
import type { InitFamilyConfig } from '../config/hub.ts';
import { loadInitFamily } from '../config/load.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { requiredImages } from '../images.ts';
import { typedForm } from '../kubernetes-types/typed.ts';
import { etcdPod } from '../manifests/etcd.ts';
import { kubeApiserverPod } from '../manifests/kube-apiserver.ts';
import { inputWith, localEtcd } from '../manifests/manifest-input.fixture.ts';
import type { Pod } from '../manifests/pod.ts';
import { initChecks } from '../preflight/profiles.ts';
import { kubeadmVersion, supportedVersions } from '../versions.ts';
import { ownRelease, releaseOf, releases } from './index.ts';
import type { Release } from './release.ts';

async function configOf(kubernetesVersion: string): Promise<InitFamilyConfig> {
  const overlay = {
    cluster: { kubernetesVersion },
    init: { localAPIEndpoint: { advertiseAddress: '192.0.2.10' }, nodeRegistration: { name: 'cp1' } },
  };
  return (await loadInitFamily(createMemoryHost(), { overlay }, { criDetection: false })).config;
}

describe('releaseOf', () => {
  test.each([
    ['v1.36.2', '1.36'],
    ['1.36.0', '1.36'],
    ['v1.35.4', '1.35'],
    ['v1.35.5-rc.0+build', '1.35'],
    ['v1.20.0', '1.35'],
    ['v1.37.0', '1.36'],
    ['stable-1', '1.36'],
    ['', '1.36'],
  ])('finds for %j the row %s', (version, minor) => {
    expect(releaseOf(version).minor).toBe(minor);
  });

  test('a loaded configuration has its release', async () => {
    for (const { minor } of releases) expect((await configOf(`v${minor}.1`)).release.minor).toBe(minor);
  });
});

test('there is a row for each minor that this kubeadm deploys, its own among them', () => {
  const { current, minimumControlPlane } = supportedVersions(kubeadmVersion);
  expect(releases.map(({ minor }) => `${minor}.0`)).toEqual([minimumControlPlane, current]);
  expect(`${ownRelease.minor}.0`).toBe(current);
});

test('kubeadm 1.36.2 gives a cluster of 1.35 the images of 1.36 beside the four of Kubernetes', async () => {
  expect(requiredImages(await configOf('v1.35.4'))).toEqual([
    'registry.k8s.io/kube-apiserver:v1.35.4',
    'registry.k8s.io/kube-controller-manager:v1.35.4',
    'registry.k8s.io/kube-scheduler:v1.35.4',
    'registry.k8s.io/kube-proxy:v1.35.4',
    'registry.k8s.io/coredns/coredns:v1.14.2',
    'registry.k8s.io/pause:3.10.2',
    'registry.k8s.io/etcd:3.6.8-0',
  ]);
});

describe('a further minor is one row', () => {
  const row: Release = {
    ...ownRelease,
    minor: '1.99',
    images: { etcd: '4.0.0-0', coredns: 'v2.0.0', pause: '4.0' },
    minimumExternalEtcd: '3.9.0',
    needsConntrack: true,
    featureGates: { ...ownRelease.featureGates, NodeLocalCRISocket: { default: false, stage: 'DEPRECATED' } },
    manifests: {
      ...ownRelease.manifests,
      'kube-apiserver': {
        flags: { 'new-flag': 'on', 'allow-privileged': 'false' },
        probes: { liveness: '/alive', readiness: '/ready', startup: '/started' },
      },
      etcd: { flags: { 'new-etcd-flag': 'on' }, probes: { liveness: '/alive', startup: '/started' } },
    },
    componentTypes: { KubeletConfiguration: [['newField', 'string', false]] },
    objectTypes: { 'core/v1.Pod': [{ name: 'newField', type: 'string', omit: 'never' }] },
  };
  const version = 'v1.99.1';
  const release = releaseOf(version, [...releases, row]);
  const withRow = async (external?: object): Promise<InitFamilyConfig> => {
    const config = await configOf(kubeadmVersion);
    const cluster = { ...config.cluster, kubernetesVersion: version, ...external };
    return { ...config, cluster, release };
  };
  const input = inputWith({ kubernetesVersion: version }, { release });
  const commandOf = (pod: Pod) => pod.spec.containers[0]?.command;

  test('the images of a further minor are required', async () => {
    expect(requiredImages(await withRow())).toEqual([
      'registry.k8s.io/kube-apiserver:v1.99.1',
      'registry.k8s.io/kube-controller-manager:v1.99.1',
      'registry.k8s.io/kube-scheduler:v1.99.1',
      'registry.k8s.io/kube-proxy:v1.99.1',
      'registry.k8s.io/coredns/coredns:v2.0.0',
      'registry.k8s.io/pause:4.0',
      'registry.k8s.io/etcd:4.0.0-0',
    ]);
    expect(JSON.stringify(corednsDeployment(await withRow(), 2))).toContain('coredns:v2.0.0');
  });

  test('the programs and minimums of a further minor are checked', async () => {
    expect(
      initChecks({ ...(await withRow()), kubeletVersion: Promise.resolve('not known') }).map(
        ({ name }) => name,
      ),
    ).toContain('FileExisting-conntrack');
    const external = {
      endpoints: [],
      httpEndpoints: ['http://192.0.2.9:2379'],
      caFile: '',
      certFile: '',
      keyFile: '',
    };
    const checks = initChecks({
      ...(await withRow({ etcd: { external } })),
      kubeletVersion: Promise.resolve('not known'),
    });
    const http = { 'http://192.0.2.9:2379/version': { status: 200, body: '{"etcdserver":"3.6.8"}' } };
    const check = checks.find(({ name }) => name === 'ExternalEtcdVersion');
    expect((await check?.check(createMemoryHost({ http })))?.errors).toEqual([
      expect.stringContaining('3.9.0 or newer'),
    ]);
  });

  test('the flags and probes of a further minor are in the manifests', () => {
    const apiServer = kubeApiserverPod(input);
    expect(commandOf(apiServer)).toEqual(
      expect.arrayContaining(['--new-flag=on', '--allow-privileged=false']),
    );
    expect(apiServer.spec.containers[0]?.livenessProbe.httpGet.path).toBe('/alive');
    const etcd = etcdPod(input, localEtcd);
    expect(commandOf(etcd)).toContain('--new-etcd-flag=on');
    expect(commandOf(etcd)?.join()).not.toContain('watch-progress');
    expect(etcd.spec.containers[0]).not.toHaveProperty('readinessProbe');
  });

  test('the types of a further minor are used for component configurations and objects', () => {
    expect(complete('KubeletConfiguration', {}, release.componentTypes)).toEqual({ newField: '' });
    expect(typedForm('Pod', { newField: 'a', spec: {} }, release.objectTypes)).toEqual({ newField: 'a' });
  });

  test('the feature gates of a further minor may be named', () => {
    expect(featureGatesOf(release)).toEqual(Object.keys(row.featureGates).sort());
  });
});

describe('supportedVersions', () => {
  test.each([
    ['v1.36.2', '1.36.0', '1.35.0', '1.33.0'],
    ['v1.99.0-rc.1', '1.99.0', '1.98.0', '1.96.0'],
  ])(
    'the supported versions of %s are %s, %s and %s',
    (kubeadm, current, minimumControlPlane, minimumKubelet) => {
      expect(supportedVersions(kubeadm)).toEqual({ current, minimumControlPlane, minimumKubelet });
    },
  );

  test('a text that is not a version is refused', () => {
    expect(() => supportedVersions('devel')).toThrow('"devel" is not a version of kubeadm');
  });
});

test('the API server in memory is of the release of this kubeadm', async () => {
  const { raw } = createMemoryHost().api;
  expect(JSON.parse(raw.get('/version')?.body ?? '')).toEqual({
    major: '1',
    minor: ownRelease.minor.slice(2),
    gitVersion: kubeadmVersion,
  });
});

test('no other file of src has a version of Kubernetes in a text', () => {
  const root = path.resolve(import.meta.dirname, '..');
  const own = /^(?:versions\.ts|releases\/)|\.(?:test|fixture)\.ts$|\/generated\//;
  const inText = /['"`][^'"`\n]*\b1\.3\d\b/;
  const found = globSync('**/*.ts', { cwd: root })
    .filter((file) => !own.test(file))
    .flatMap((file) => {
      const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
      const code = lines.filter((line) => !/^\s*(?:\/\*\*|\*|\/\/)/.test(line));
      return code.filter((line) => inText.test(line)).map((line) => `${file}: ${line.trim()}`);
    });
  expect(found).toEqual([]);
});
