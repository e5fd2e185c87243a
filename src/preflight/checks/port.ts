import { type Check, type CheckHost, type CheckResult, fail, passed } from '../check.ts';

/** Error when nothing can listen on the TCP port, all addresses. Source: preflight/checks.go PortOpenCheck. */
export function port(number: number): Check {
  return {
    name: `Port-${number}`,
    check: async ({ net }) => ((await net.canListen(number)) ? passed : inUse(number)),
  };
}

/** Whether what uses a port was started by a run that did not end. */
export type OwnUse = (host: CheckHost) => Promise<boolean>;

/** As {@link port}, but what a run that did not end has started may use the port. */
export function portOrOwn(number: number, isOwn: OwnUse): Check {
  return {
    name: `Port-${number}`,
    check: async (host) => {
      // What is just being started or ended may have the port and not yet, or no longer, be listed.
      for (let attempt = 1; attempt <= attempts; attempt++) {
        if ((await host.net.canListen(number)) || (await isOwn(host))) return passed;
        if (attempt < attempts) await host.clock.sleep(pauseMs);
      }
      return inUse(number);
    },
  };
}

const attempts = 3;
const pauseMs = 500;

/** The component runs in a container of that name, as the kubelet names those of static Pods. */
export function inContainer(component: string, criSocket: string): OwnUse {
  return async ({ cri }) => {
    const client = cri(criSocket);
    try {
      const containers = await client.containers();
      return containers.some(({ name, state }) => name === component && state === 'running');
    } catch {
      return false;
    } finally {
      client.close();
    }
  };
}

export const inKubelet: OwnUse = async ({ services }) => await services.isActive('kubelet');

function inUse(number: number): CheckResult {
  return fail(
    `Port ${number} is in use: find the process that listens on it (ss -ltnp 'sport = :${number}') and stop it`,
  );
}
