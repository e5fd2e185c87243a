import { NetError } from '../errors.ts';
import type { NetReads } from '../host.ts';
import { serverOf } from '../lib/host-port.ts';
import { ipFamily } from '../lib/ip-family.ts';

/**
 * Whether the address in a server's URL belongs to this machine. A name is looked up; one that does not resolve belongs
 * to another machine.
 *
 * @throws the errors of `net.interfaces`
 */
export async function isOnThisNode(
  { net }: { readonly net: Pick<NetReads, 'interfaces' | 'lookup'> },
  server: string,
): Promise<boolean> {
  if (!URL.canParse(server)) return false;
  const { host } = serverOf(server);
  const addresses = ipFamily(host) === 0 ? await addressesOf(net, host) : [host];
  const own = (await net.interfaces()).flatMap((one) => one.addresses.map(withoutPrefixLength));
  return addresses.some((address) => own.includes(address));
}

async function addressesOf(net: Pick<NetReads, 'lookup'>, name: string): Promise<readonly string[]> {
  try {
    return await net.lookup(name);
  } catch (error) {
    if (error instanceof NetError) return [];
    throw error;
  }
}

function withoutPrefixLength(address: string): string {
  return address.replace(/\/\d+$/, '');
}
