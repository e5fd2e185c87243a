import { lowLevelRuntimeFault } from '../../diagnosis/gather/low-level-runtime.ts';
import { type Check, type CheckHost, passed, warn } from '../check.ts';

/**
 * Warns if the program with which the container runtime makes containers, such as runc, does not start, or if the runtime
 * does not find it. Upstream has no such check, and no Pod starts then.
 */
export function lowLevelRuntime(socket: string): Check {
  return {
    name: 'LowLevelRuntime',
    check: async (host) => {
      const name = await programOf(host, socket);
      if (name === undefined) return passed;
      const fault = await lowLevelRuntimeFault(host, { criSocket: socket, program: name });
      if (fault === undefined) return passed;
      const { missingIn, program, reply } = fault;
      return warn(
        reply === undefined
          ? `the container runtime cannot make containers, because no folder of its PATH (${missingIn}) has the program ` +
              `${program}: put ${program} into one of them, or set its path in the configuration of the runtime (BinaryName)`
          : `the container runtime cannot make containers, because '${program} --version' fails (${reply}): repair ${program}, ` +
              'or name another program in the configuration of the runtime',
      );
    },
  };
}

async function programOf({ cri: connect }: CheckHost, socket: string): Promise<string | undefined> {
  const client = connect(socket);
  try {
    return (await client.settings()).lowLevelRuntime;
  } catch {
    // The check CRI reports a runtime that does not answer.
    return undefined;
  } finally {
    client.close();
  }
}
