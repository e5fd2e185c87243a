import { type Check, fail, passed } from '../check.ts';

/** Error when nothing can listen on the TCP port, all addresses. Source: preflight/checks.go PortOpenCheck. */
export function port(number: number): Check {
  return {
    name: `Port-${number}`,
    check: async ({ net }) => {
      if (await net.canListen(number)) return passed;
      return fail(
        `Port ${number} is in use: find the process that listens on it (ss -ltnp 'sport = :${number}') and stop ` +
          "it; 'kubeadm reset' ends what an earlier kubeadm started",
      );
    },
  };
}
