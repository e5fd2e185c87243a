import { controlPlaneComponents, manifestPath } from '../../names.ts';
import { type Check, fail, passed } from '../check.ts';

/** Whether this node has the manifests of a control plane. Source: phases/upgrade/health.go, staticPodManifestHealth. */
export const staticPodManifest: Check = {
  name: 'StaticPodManifest',
  check: async ({ files }) => {
    const paths = controlPlaneComponents.map(manifestPath);
    const found = await Promise.all(paths.map((path) => files.stat(path)));
    const missing = paths.filter((_, index) => found[index] === undefined);
    return missing.length === 0 ? passed : fail(`manifest files not found: ${missing.join(', ')}`);
  },
};
