import { messageOf } from '../../errors.ts';
import {
  compareSemanticVersions,
  formatSemanticVersion,
  parseSemanticVersion,
  type SemanticVersion,
} from '../../lib/semantic-version.ts';
import { kubeadmVersion, minimumKubeletVersion } from '../../versions.ts';
import { type Check, type CheckHost, fail, passed } from '../check.ts';

const versionLine = /^\s*Kubernetes v((0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)([-\w.+]*)?)\s*$/;

/**
 * Fails if there is no kubelet, or if it is older than this kubeadm supports or newer than the cluster.
 * An empty `kubernetesVersion` skips the comparison with the cluster (join). Source: preflight/checks.go KubeletVersionCheck.
 */
export function kubeletVersion(kubernetesVersion: string, installed: Promise<KubeletVersion>): Check {
  return {
    name: 'KubeletVersion',
    check: async () => {
      const kubelet = await installed;
      if (typeof kubelet === 'string') return fail(kubelet);
      const found = formatSemanticVersion(kubelet);
      const minimum = parseSemanticVersion(minimumKubeletVersion);
      if (minimum !== undefined && compareSemanticVersions(kubelet, minimum) < 0) {
        return fail(
          `the kubelet's version is ${found}, this kubeadm needs ${minimumKubeletVersion} or newer: update the kubelet`,
        );
      }
      if (kubernetesVersion === '') return passed;
      const cluster = parseSemanticVersion(kubernetesVersion);
      if (cluster === undefined) {
        return fail(
          `kubernetesVersion "${kubernetesVersion}" is not a semantic version such as ${kubeadmVersion}`,
        );
      }
      // As in upstream, each number is compared by itself.
      if (kubelet.major <= cluster.major && kubelet.minor <= cluster.minor) return passed;
      return fail(
        `the kubelet's version ${found} is higher than the control plane version ` +
          `${formatSemanticVersion(cluster)}: no release of Kubernetes supports that; install a kubelet of ` +
          `${cluster.major}.${cluster.minor}, or a newer control plane`,
      );
    },
  };
}

/** The version of the kubelet, or the reason why it is not known as a text. */
export type KubeletVersion = SemanticVersion | string;

/** Asks the kubelet for its version. */
export async function readKubeletVersion({ exec }: Pick<CheckHost, 'exec'>): Promise<KubeletVersion> {
  try {
    const { code, stdout, stderr } = await exec.probe('kubelet', ['--version']);
    if (code !== 0) {
      return `couldn't get the kubelet's version: 'kubelet --version' ended with code ${code}: ${stderr.trim()}`;
    }
    const version = versionLine.exec(stdout.trim())?.[1];
    return (
      (version === undefined ? undefined : parseSemanticVersion(version)) ??
      `couldn't get the kubelet's version: 'kubelet --version' printed ${JSON.stringify(stdout.trim())}`
    );
  } catch (error) {
    return `couldn't get the kubelet's version: ${messageOf(error)}`;
  }
}
