import { type Check, passed, warn } from '../check.ts';

/** Warns if the resolvConf of the KubeletConfiguration does not exist, because no Pod starts then. Upstream has no such check. */
export function resolvConf(kubelet: Readonly<Record<string, unknown>>): Check {
  return {
    name: 'ResolvConf',
    check: async ({ files }) => {
      const path = kubelet.resolvConf;
      if (typeof path !== 'string' || path === '') return passed;
      if ((await files.stat(path)) !== undefined) return passed;
      return warn(
        `the file ${path} of resolvConf in the KubeletConfiguration does not exist: the kubelet cannot start Pods until it does`,
      );
    },
  };
}
