import { parseIPSloppy } from '../../lib/ip.ts';
import { type Check, passed, warn } from '../check.ts';

/** Warns if no interface of the machine has the advertise address, because etcd listens there. Upstream has no such check. */
export function advertiseAddress(address: string): Check {
  return {
    name: 'AdvertiseAddress',
    check: async ({ net }) => {
      const wanted = parseIPSloppy(address);
      const own = (await net.interfaces().catch(() => [])).flatMap(({ addresses }) => addresses);
      if (wanted === undefined || own.length === 0) return passed;
      const isOwn = own.some((one) => parseIPSloppy(one.replace(/\/.*$/, ''))?.text === wanted.text);
      if (isOwn) return passed;
      return warn(
        `no interface of this machine has the address ${address} of localAPIEndpoint.advertiseAddress: etcd cannot listen ` +
          'there, and the control plane does not start',
      );
    },
  };
}
