import type { ClusterConfiguration } from '../../config/hub.ts';
import { serviceAccountKeysFit, serviceAccountPaths } from '../../pki/service-account-keys.ts';
import { type Check, passed, warn } from '../check.ts';

/**
 * Warns if the given sa.pub does not have the public key of the given sa.key. All components become healthy then, but the API server
 * refuses each token that it signs. Upstream has no such check.
 */
export function serviceAccountKeys({
  apiServer,
  certificatesDir,
}: Pick<ClusterConfiguration, 'apiServer' | 'certificatesDir'>): Check {
  return {
    name: 'ServiceAccountKeys',
    check: async ({ files }) => {
      // Keys of other files may be among those that the API server accepts.
      if (apiServer.extraArgs.some(({ name }) => name.startsWith('service-account-'))) return passed;
      // The phase that reads the files names another fault.
      if ((await serviceAccountKeysFit(files, certificatesDir)) !== false) return passed;
      const { key, pub } = serviceAccountPaths(certificatesDir);
      return warn(
        `the public key in ${pub} is not that of ${key}, so the API server would refuse the tokens of all Pods (Unauthorized): ` +
          `put the right file there, or make it again with 'openssl pkey -in ${key} -pubout -out ${pub}'`,
      );
    },
  };
}
