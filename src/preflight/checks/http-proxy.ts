import { joinHostPort } from '../../lib/host-port.ts';
import { isIPv6 } from '../../lib/ip.ts';
import { proxyFor } from '../../lib/proxy.ts';
import { type Check, passed, warn } from '../check.ts';

/** The port that upstream asks with. NO_PROXY entries may name ports, so it must be the same. */
export const probePort = 1234;

/** Warns if https to the host would use a proxy. Source: preflight/checks.go HTTPProxyCheck. */
export function httpProxy(host: string): Check {
  return {
    name: 'HTTPProxy',
    check: async ({ system }) => {
      const port = isIPv6(host) ? probePort : 443;
      const proxy = proxyFor({ scheme: 'https', host, port }, system.environment());
      if (proxy === undefined) return passed;
      const url = `https://${isIPv6(host) ? joinHostPort(host, port) : host}`;
      return warn(
        `Connection to "${url}" uses proxy "${proxy}": if that is not intended, add ${host} to NO_PROXY`,
      );
    },
  };
}
