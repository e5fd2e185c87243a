import { parseSemanticVersion } from '../../lib/semantic-version.ts';
import { type Check, fail, passed, warn } from '../check.ts';

/**
 * Warns if the cluster's version, even a pre-release, has a newer minor than this kubeadm. A kubeadm with the version
 * v0.0.0 does not warn. Source: preflight/checks.go KubernetesVersionCheck.
 */
export function kubernetesVersion(kubeadm: string, kubernetes: string): Check {
  return {
    name: 'KubernetesVersion',
    check: async () => {
      if (kubeadm.startsWith('v0.0.0')) return passed;
      const own = parseSemanticVersion(kubeadm);
      if (own === undefined)
        return fail(`the version of this kubeadm, "${kubeadm}", is not a semantic version`);
      const target = parseSemanticVersion(kubernetes);
      if (target === undefined) {
        return fail(`kubernetesVersion "${kubernetes}" is not a semantic version such as v1.${own.minor}.0`);
      }
      const newer = target.major > own.major || (target.major === own.major && target.minor > own.minor);
      if (!newer) return passed;
      return warn(
        `Kubernetes ${kubernetes} is newer than this kubeadm (${own.major}.${own.minor}.x): ` +
          `please use kubeadm ${target.major}.${target.minor}`,
      );
    },
  };
}
