import { CriError } from '../../errors.ts';
import { kubeletSince } from '../../versions.ts';
import { type Check, passed, warn } from '../check.ts';
import { runtimeFailure } from './cri.ts';

/**
 * Warns if the runtime does not report its cgroup driver (CRI call RuntimeConfig), which newer kubelets need.
 * Source: preflight/checks.go ContainerRuntimeVersionCheck, KEP 4033.
 */
export function containerRuntimeVersion(socket: string): Check {
  return {
    name: 'ContainerRuntimeVersion',
    check: async ({ cri: connect }) => {
      const client = connect(socket);
      try {
        await client.cgroupDriver();
        return passed;
      } catch (error) {
        if (!(error instanceof CriError && error.grpcCode === 'unimplemented')) {
          return runtimeFailure(socket, error);
        }
        return warn(
          `the container runtime at ${socket} does not know the CRI call RuntimeConfig: please update it. ` +
            `From 1.${kubeletSince.needsRuntimeConfig} on the kubelet no longer falls back to its own setting cgroupDriver ` +
            '(https://git.k8s.io/enhancements/keps/sig-node/4033-group-driver-detection-over-cri)',
        );
      } finally {
        client.close();
      }
    },
  };
}
