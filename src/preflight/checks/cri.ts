import { runtimeSilence } from '../../diagnosis/before-start.ts';
import { CriError, messageOf } from '../../errors.ts';
import { type Check, type CheckResult, fail } from '../check.ts';

/** Fails unless the container runtime answers and reports that it is ready. Source: preflight/checks.go ContainerRuntimeCheck. */
export function cri(socket: string): Check {
  return {
    name: 'CRI',
    check: async (host) => {
      const client = host.cri(socket);
      try {
        // NetworkReady comes later, with the cluster's network.
        const down = (await client.conditions()).filter(
          ({ type, status }) => type === 'RuntimeReady' && !status,
        );
        return fail(
          ...down.map(
            ({ type, reason, message }) =>
              `the container runtime at ${socket} says that it is not ready: condition ${type} is false, ` +
              `reason: ${reason}, message: ${message}`,
          ),
        );
      } catch (error) {
        return runtimeFailure(
          socket,
          error,
          await runtimeSilence(host, { cri: client, criSocket: socket, error }),
        );
      } finally {
        client.close();
      }
    },
  };
}

/**
 * Turns a failed call to the runtime into a finding with a hint.
 *
 * @param why why the runtime does not answer, if that is known
 */
export function runtimeFailure(socket: string, error: unknown, why?: string): CheckResult {
  if (error instanceof CriError && error.grpcCode === 'unimplemented') {
    return fail(
      `the container runtime at ${socket} does not serve CRI v1 (${error.message}): ${why ?? 'enable its CRI plugin, or update it'}`,
    );
  }
  return fail(
    `could not connect to the container runtime at ${socket} (${messageOf(error)}): ` +
      (why ?? 'is it installed and running, and is criSocket right?'),
  );
}
