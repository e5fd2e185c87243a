import type { NodeRegistration } from '../../config/hub.ts';
import { parseIPSloppy } from '../../lib/ip.ts';
import { type Check, passed, warn } from '../check.ts';

/**
 * Warns if no interface of the machine has an address of the kubelet's flag `node-ip`. The kubelet runs then, but its Node gets no
 * address. Upstream has no such check. Source: pkg/kubelet/kubelet_node_status.go, validateNodeIP.
 */
export function nodeIp({ kubeletExtraArgs }: Pick<NodeRegistration, 'kubeletExtraArgs'>): Check {
  return {
    name: 'NodeIP',
    check: async ({ net }) => {
      const given = kubeletExtraArgs.findLast(({ name }) => name === 'node-ip')?.value ?? '';
      const wanted = given.split(',').flatMap((text) => parseIPSloppy(text.trim())?.text ?? []);
      const own = (await net.interfaces().catch(() => [])).flatMap(({ addresses }) => addresses);
      if (own.length === 0) return passed;
      const texts = own.map((one) => parseIPSloppy(one.replace(/\/.*$/, ''))?.text);
      const missing = wanted.filter((one) => !isUnspecified(one) && !texts.includes(one));
      if (missing.length === 0) return passed;
      return warn(
        `no interface of this machine has the address ${missing.join(' or ')} of node-ip in nodeRegistration.kubeletExtraArgs: the ` +
          'Node gets no InternalIP, and its Pods get no address of their host',
      );
    },
  };
}

/** Such an address only names the family of the addresses. */
function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
