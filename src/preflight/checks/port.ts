import { type Check, type CheckHost, type CheckResult, fail, passed } from '../check.ts';

/** Fails if kubeadm cannot listen on the TCP port of all addresses. Source: preflight/checks.go PortOpenCheck. */
export function port(number: number): Check {
  return {
    name: `Port-${number}`,
    check: async ({ net }) => ((await net.canListen(number)) ? passed : inUse(number)),
  };
}

/** Whether a run that did not end has started the program that uses the port. */
export type OwnUse = (host: CheckHost) => Promise<boolean>;

/** Works as {@link port}, but programs of a run that did not end may use the port. */
export function portOrOwn(number: number, isOwn: OwnUse): Check {
  return {
    name: `Port-${number}`,
    check: async (host) => {
      // A container that is just starting or ending may use the port without being listed.
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

/** Whether the component runs in a container with its name, as in static Pods. */
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
    `Port ${number} is in use: "ss -ltnp 'sport = :${number}'" shows the process; if it belongs to Kubernetes, this ` +
      'machine may be part of a cluster, else stop it',
  );
}
