import { joinHostPort } from '../../lib/host-port.ts';
import { isIPv6 } from '../../lib/ip.ts';
import { proxyFor } from '../../lib/proxy.ts';
import { type Check, passed, warn } from '../check.ts';

/** Any port: upstream asks with this one where it needs one, and NO_PROXY entries may name ports. */
export const probePort = 1234;

/** Warning when https to the host would go through a proxy. Source: preflight/checks.go HTTPProxyCheck. */
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
