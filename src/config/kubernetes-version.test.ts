import { expect, test } from 'vitest';

import { NetError } from '../errors.ts';
import { createMemoryHost, type MemoryHostOptions } from '../host/memory/index.ts';
import type { Finding } from './findings/finding.ts';
import { resolveKubernetesVersion } from './kubernetes-version.ts';
import { defaultCluster } from './v1beta4/defaults.ts';

type Answers = NonNullable<MemoryHostOptions['http']>;

async function resolve(kubernetesVersion: string, http: Answers = {}) {
  const warnings: Finding[] = [];
  const cluster = defaultCluster({ kubernetesVersion });
  const version = await resolveKubernetesVersion(createMemoryHost({ http }), cluster, (finding) =>
    warnings.push(finding),
  );
  return { ...version, warnings };
}

test.each([
  ['1.36.2', 'v1.36.2'],
  ['v1.35.0', 'v1.35.0'],
  ['release/v1.36.1', 'v1.36.1'],
  ['v1.36.2-rc.1+a.b', 'v1.36.2-rc.1+a.b'],
  ['v1.40.0', 'v1.40.0'],
])('%s is %s, without a request to the release server', async (text, version) => {
  expect(await resolve(text)).toEqual({ kubernetesVersion: version, warnings: [] });
});

test('a CI version sets its own version text and repository', async () => {
  expect(await resolve('ci/v1.36.2')).toMatchObject({
    kubernetesVersion: 'v1.36.2',
    ciKubernetesVersion: 'ci/v1.36.2',
    ciImageRepository: 'gcr.io/k8s-staging-ci-images',
  });
});

test('the release server resolves a label', async () => {
  const http = { 'https://dl.k8s.io/release/stable-1.txt': { status: 200, body: 'v1.36.5\n' } };
  expect(await resolve('stable-1', http)).toEqual({ kubernetesVersion: 'v1.36.5', warnings: [] });
});

test('a release of a newer minor is replaced by the newest release of the minor of kubeadm', async () => {
  const http = {
    'https://dl.k8s.io/release/stable-1.txt': { status: 200, body: 'v1.37.1' },
    'https://dl.k8s.io/release/stable-1.36.txt': { status: 200, body: 'v1.36.9' },
  };
  expect((await resolve('stable-1', http)).kubernetesVersion).toBe('v1.36.9');
});

test('an answer that is not a version is refused and shortened, and requests have a limit', async () => {
  const url = 'https://dl.k8s.io/release/stable-1.txt';
  const own = 'https://dl.k8s.io/release/stable-1.36.txt';
  const answers: readonly Answers[] = [
    { [url]: { status: 200, body: `<html>${'please log in '.repeat(1000)}</html>` } },
    { [url]: { status: 200, body: 'stable-1' } },
    { [url]: { status: 200, body: 'v1.37.0' }, [own]: { status: 200, body: 'v1.37.0' } },
  ];
  for (const http of answers) {
    const { kubernetesVersion, warnings } = await resolve('stable-1', http);
    expect(kubernetesVersion).toBe('v1.36.2');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message.length).toBeLessThan(250);
  }
});

test('the warning names the address that did not answer once', async () => {
  const url = 'https://dl.k8s.io/release/stable-1.txt';
  const http = { [url]: new NetError(`${url}: the name cannot be resolved`, 'ENOTFOUND') };
  const [warning] = (await resolve('stable-1', http)).warnings;
  expect(warning?.message).toBe(
    `could not fetch a Kubernetes version from ${url}: the name cannot be resolved; using v1.36.2, the version of this kubeadm`,
  );
});

test('without an answer the version is that of this kubeadm, with a warning', async () => {
  for (const http of [{}, { 'https://dl.k8s.io/release/stable-1.txt': { status: 404, body: 'no' } }]) {
    const { kubernetesVersion, warnings } = await resolve('stable-1', http);
    expect(kubernetesVersion).toBe('v1.36.2');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toContain('https://dl.k8s.io/release/stable-1.txt');
  }
});

test.each([
  ['v1.34.9', 'control plane version >= 1.35.0. Current version: v1.34.9'],
  ['v1.35.0-alpha.0', 'control plane version >= 1.35.0'],
  ['v1.36', 'neither semantic version nor labels'],
  ['foo', 'neither semantic version nor labels'],
  ['a/b', 'invalid version "a/b"'],
  ['v1.36.2.4', 'couldn\'t parse Kubernetes version "v1.36.2.4"'],
  ['v1.36.2-01', "couldn't parse Kubernetes version"],
])('%s is refused', async (text, message) => {
  await expect(resolve(text)).rejects.toThrow(message);
});
