/** Resolves the configured version or label to a release. Source: cmd/kubeadm/app/util/version.go. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { ReadHost } from '../host.ts';
import { compareSemanticVersions, parseSemanticVersion } from '../lib/semantic-version.ts';
import { kubeadmVersion, minimumControlPlaneVersion } from '../versions.ts';
import { defaultImageRepository, versionForms } from './defaults.ts';
import type { ClusterConfiguration } from './hub.ts';
import type { Warn } from './report.ts';

const release = /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)([-\w.+]*)?$/;
const prefixed = /^(?:(release|ci)\/)?([-\w.+]+)$/;
const label = /^((latest|stable)+(-[1-9](\.[1-9](\d)?)?)?)$/;
const releaseServer = 'https://dl.k8s.io/release';
const ciServer = 'https://storage.googleapis.com/k8s-release-dev/ci';
const ciRepository = 'gcr.io/k8s-staging-ci-images';
const fetchTimeoutMs = 10_000;

type Resolved = Pick<ClusterConfiguration, 'kubernetesVersion' | 'ciKubernetesVersion' | 'ciImageRepository'>;

/**
 * Resolves a text such as `v1.36.2`, `stable-1` or `ci/latest`. The release server resolves a label. If it does not
 * answer, the result is the release of this kubeadm, with a warning.
 *
 * @throws KubeadmError code `config-invalid` for a text that is neither a version nor a label, or for an old version
 */
export async function resolveKubernetesVersion(
  { net }: Pick<ReadHost, 'net'>,
  cluster: ClusterConfiguration,
  warn: Warn,
): Promise<Resolved> {
  const version = await resolveRelease(net, cluster.kubernetesVersion, warn);
  const parsed = parseSemanticVersion(version);
  const minimum = parseSemanticVersion(minimumControlPlaneVersion);
  if (parsed === undefined) {
    throw invalid(`couldn't parse Kubernetes version "${version}"`, `write ${versionForms}`);
  }
  if (minimum !== undefined && compareSemanticVersions(parsed, minimum) < 0) {
    throw invalid(
      `this version of kubeadm only supports deploying clusters with the control plane version >= ` +
        `${minimumControlPlaneVersion}. Current version: ${version}`,
      'use the kubeadm of that minor, or a newer kubernetesVersion',
    );
  }
  const ci = cluster.kubernetesVersion.startsWith('ci/');
  return {
    kubernetesVersion: version,
    ...(ci ? { ciKubernetesVersion: `ci/${version}` } : {}),
    ...(ci && cluster.imageRepository === defaultImageRepository ? { ciImageRepository: ciRepository } : {}),
  };
}

/**
 * Returns the release of a version or a label, such as `v1.36.2`. If the release server does not answer, it is the release
 * of this kubeadm, with a warning.
 *
 * @throws KubeadmError code `config-invalid` for a text that is neither a version nor a label
 */
export async function resolveRelease(net: ReadHost['net'], wanted: string, warn: Warn): Promise<string> {
  if (release.test(wanted)) return withV(wanted);
  const [, source = 'release', rest = ''] = prefixed.exec(wanted) ?? [];
  if (rest === '') {
    throw invalid(`invalid version ${JSON.stringify(wanted)}`, hintFor(wanted));
  }
  if (release.test(rest)) return withV(rest);
  if (!label.test(rest)) {
    throw invalid(
      `version ${JSON.stringify(wanted)} doesn't match patterns for neither semantic version nor labels (stable, latest, ...)`,
      hintFor(wanted),
    );
  }
  try {
    return await fetchRelease(net, `${source === 'ci' ? ciServer : releaseServer}/${rest}.txt`);
  } catch (error) {
    warn({
      severity: 'warning',
      code: 'release-not-fetched',
      message: `could not fetch a Kubernetes version from ${messageOf(error)}; using ${kubeadmVersion}, the version of this kubeadm`,
      place: { path: 'kubernetesVersion' },
      hint: 'set kubernetesVersion or --kubernetes-version to a release to avoid the request',
    });
    return kubeadmVersion;
  }
}

/**
 * Returns the release that the server names. If its minor is newer than that of this kubeadm, returns the newest release
 * of kubeadm's minor.
 *
 * @throws Error whose message begins with the URL
 */
async function fetchRelease(net: ReadHost['net'], url: string): Promise<string> {
  const fetched = await fetchVersion(net, url);
  if (!isNewerMinor(fetched)) return fetched;
  const [major, minor] = kubeadmVersion.slice(1).split('.');
  const ownUrl = `${releaseServer}/stable-${major}.${minor}.txt`;
  const own = await fetchVersion(net, ownUrl);
  if (isNewerMinor(own)) throw new Error(`${ownUrl}: the answer is ${own}, a release of another minor`);
  return own;
}

async function fetchVersion(net: ReadHost['net'], url: string): Promise<string> {
  const { status, body } = await net.get(url, { timeoutMs: fetchTimeoutMs, useProxy: true });
  if (status !== 200) throw new Error(`${url}: the server answered with status ${status}`);
  const text = body.trim();
  if (release.test(text) && parseSemanticVersion(text) !== undefined) return withV(text);
  // The answer can be the page of a portal that asks for a login.
  throw new Error(`${url}: the answer is not a version, it begins with ${JSON.stringify(text.slice(0, 40))}`);
}

function isNewerMinor(version: string): boolean {
  const theirs = parseSemanticVersion(version);
  const ours = parseSemanticVersion(kubeadmVersion);
  if (theirs === undefined || ours === undefined) return false;
  return theirs.major > ours.major || (theirs.major === ours.major && theirs.minor > ours.minor);
}

/** A minor such as `1.36` is the usual mistake. */
function hintFor(wanted: string): string {
  const minor = /^v?(\d+\.\d+)$/.exec(wanted)?.[1];
  return minor === undefined
    ? `write ${versionForms}`
    : `write a release such as ${kubeadmVersion}, or stable-${minor} for the newest release of ${minor}`;
}

function withV(version: string): string {
  return version.startsWith('v') ? version : `v${version}`;
}

function invalid(message: string, hint: string): KubeadmError {
  return new KubeadmError('config-invalid', message, { hint, place: { path: 'kubernetesVersion' } });
}
