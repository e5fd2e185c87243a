import { describe, expect, test } from 'vitest';
import type { KubeadmEvent } from '../events.ts';
import { tagOf, versionOfImage } from '../images.ts';
import { type AvailableUpgrade, availableUpgrades, type UpgradeSearch } from './available.ts';
import { type ClusterVersions, nodesByVersion } from './cluster-versions.ts';

const at = (version: string, nodes: readonly string[] = ['cp1']) =>
  nodesByVersion(nodes.map((node) => ({ version, node })));

const versionsOf = (version: string): ClusterVersions => ({
  kubelets: at(version),
  kubeApiserver: at(version),
  kubeControllerManager: at(version),
  kubeScheduler: at(version),
  etcd: at('3.6.8-0'),
  coredns: 'v1.13.1',
});

interface Run {
  readonly upgrades: readonly AvailableUpgrade[];
  readonly events: readonly KubeadmEvent[];
}

async function search(
  cluster: string,
  labels: Readonly<Record<string, string>>,
  more: Partial<UpgradeSearch> = {},
): Promise<Run> {
  const events: KubeadmEvent[] = [];
  const upgrades = await availableUpgrades(
    {
      versions: versionsOf(cluster),
      kubeadm: 'v1.36.2',
      allowExperimental: false,
      allowReleaseCandidate: false,
      lookUp: async (label) => {
        const version = labels[label];
        if (version === undefined) throw new Error(`no answer for ${label}`);
        return version;
      },
      ...more,
    },
    (event) => events.push(event),
  );
  return { upgrades, events };
}

const brief = ({ upgrades }: Run): readonly string[] =>
  upgrades.map(({ description, kubeadm, kubernetes }) => `${description}: ${kubernetes} with ${kubeadm}`);

describe('availableUpgrades', () => {
  test('offers the newest patch release and the next minor', async () => {
    const run = await search('v1.35.4', { stable: 'v1.36.2', 'stable-1.35': 'v1.35.6' });
    expect(brief(run)).toEqual([
      'version in the v1.35 series: v1.35.6 with v1.36.2',
      'stable version: v1.36.2 with v1.36.2',
    ]);
    expect(run.upgrades[0]).toMatchObject({ coredns: 'v1.14.2', etcd: '3.6.8-0' });
  });

  test('asks for a newer kubeadm if the patch release is newer', async () => {
    const labels = { stable: 'v1.36.5', 'stable-1.36': 'v1.36.5' };
    expect(brief(await search('v1.36.2', labels))).toEqual([
      'version in the v1.36 series: v1.36.5 with v1.36.5',
    ]);
  });

  test('offers nothing for the newest version', async () => {
    const run = await search('v1.36.2', { stable: 'v1.36.2', 'stable-1.36': 'v1.36.2' });
    expect(run.upgrades).toEqual([]);
  });

  test('offers the version of kubeadm if the stable release is not known, with a warning', async () => {
    const run = await search('v1.35.4', {});
    expect(brief(run)).toEqual(['stable version: v1.36.2 with v1.36.2']);
    const codes = run.events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));
    expect(codes).toEqual(['release-not-fetched', 'release-not-fetched']);
  });

  test('offers a release candidate and an experimental version only if they are allowed', async () => {
    const labels = {
      stable: 'v1.35.6',
      'stable-1.35': 'v1.35.6',
      latest: 'v1.37.0-alpha.1',
      'latest-1.36': 'v1.36.0-rc.1',
    };
    const allowed = { allowExperimental: true, allowReleaseCandidate: true };
    expect(brief(await search('v1.35.6', labels))).toEqual([]);
    expect(brief(await search('v1.35.6', labels, allowed))).toEqual([
      'release candidate version: v1.36.0-rc.1 with v1.36.0-rc.1',
      'experimental version: v1.37.0-alpha.1 with v1.37.0-alpha.1',
    ]);
  });

  test('offers what the previous minor has instead of the first alpha of a minor', async () => {
    const labels = {
      stable: 'v1.35.6',
      'stable-1.35': 'v1.35.6',
      latest: 'v1.37.0-alpha.0',
      'latest-1.36': 'v1.36.0-beta.0',
    };
    const run = await search('v1.35.6', labels, { allowExperimental: true });
    expect(brief(run)).toEqual(['experimental version: v1.36.0-beta.0 with v1.36.0-beta.0']);
  });

  test('fails if a pre-release is allowed and not known', async () => {
    await expect(search('v1.36.2', { stable: 'v1.36.2' }, { allowExperimental: true })).rejects.toThrow(
      'latest',
    );
  });

  test('names no version for an external etcd', async () => {
    const versions = { ...versionsOf('v1.35.4'), etcd: new Map() };
    const run = await search('v1.35.4', { stable: 'v1.36.2' }, { versions });
    expect(run.upgrades[0]?.etcd).toBe('');
  });

  test('takes the newest API server as the version of the cluster, and warns if there are several', async () => {
    const kubeApiserver = new Map([
      ['v1.36.2', ['cp1']],
      ['v1.35.4', ['cp2']],
    ]);
    const versions = { ...versionsOf('v1.35.4'), kubeApiserver };
    const run = await search('v1.35.4', { stable: 'v1.36.2', 'stable-1.36': 'v1.36.2' }, { versions });
    expect(run.upgrades).toEqual([]);
    expect(run.events).toContainEqual(
      expect.objectContaining({ code: 'api-server-versions-differ', type: 'warning' }),
    );
  });

  test.each([
    ['no API server', new Map(), 'no Pod of kube-apiserver'],
    ['a tag that is not a version', at('latest'), 'kube-apiserver on cp1 cannot be read: "latest"'],
  ])('refuses a cluster with %s', async (_, kubeApiserver, message) => {
    const versions = { ...versionsOf('v1.35.4'), kubeApiserver };
    await expect(search('v1.35.4', { stable: 'v1.36.2' }, { versions })).rejects.toThrow(message);
  });
});

test.each([
  ['registry.k8s.io/kube-apiserver:v1.36.2', 'v1.36.2'],
  ['localhost:5000/kube-apiserver', ''],
  ['localhost:5000/a/b:v1.36.2_build', 'v1.36.2+build'],
  [`registry/etcd:3.6.8-0@sha256:${'aB'.repeat(32)}`, '3.6.8-0'],
  [`registry/etcd@sha256:${'ab'.repeat(32)}`, ''],
  ['', ''],
])('the image %s has the version "%s"', (image, version) => {
  expect(versionOfImage(image)).toBe(version);
  expect(tagOf(image).replace('_', '+')).toBe(version);
});
