import { messageOf } from '../../errors.ts';
import { nthAddress, parseCIDRSloppy } from '../../lib/ip.ts';
import { proxyFor } from '../../lib/proxy.ts';
import { type Check, fail, passed, warn } from '../check.ts';
import { probePort } from './http-proxy.ts';

/**
 * Warns if https to the first address of the subnet would use a proxy, because then clients do not reach Services and
 * Pods. An empty subnet passes. Source: preflight/checks.go HTTPProxyCIDRCheck.
 */
export function httpProxyCidr(subnet: string): Check {
  return {
    name: 'HTTPProxyCIDR',
    check: async ({ system }) => {
      if (subnet === '') return passed;
      const cidr = parseCIDRSloppy(subnet);
      if (cidr === undefined) return fail(`"${subnet}" is not a subnet such as 10.96.0.0/12`);
      try {
        const host = nthAddress(cidr, 1);
        const proxy = proxyFor({ scheme: 'https', host, port: probePort }, system.environment());
        if (proxy === undefined) return passed;
        return warn(
          `connection to "${subnet}" uses proxy "${proxy}": the cluster may not work; add the subnets of Pods and ` +
            `Services (${subnet}) to NO_PROXY`,
        );
      } catch (error) {
        return fail(`"${subnet}" has no first address: ${messageOf(error)}`);
      }
    },
  };
}
