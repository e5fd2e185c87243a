import { programFault } from '../../diagnosis/gather/low-level-runtime.ts';
import { type Check, type CheckHost, passed, warn } from '../check.ts';

/**
 * Warns if the program with which the container runtime makes containers, such as runc, does not start. Upstream has no
 * such check, and no Pod starts then.
 */
export function lowLevelRuntime(socket: string): Check {
  return {
    name: 'LowLevelRuntime',
    check: async (host) => {
      const program = await programOf(host, socket);
      const fault = program === undefined ? undefined : await programFault(host, program);
      if (program === undefined || fault === undefined) return passed;
      return warn(
        `the container runtime cannot make containers, because '${program} --version' fails (${fault}): repair ${program}, ` +
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
