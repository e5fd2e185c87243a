/**
 * The network interfaces with their addresses, as the kernel has them. `os.networkInterfaces()` omits interfaces
 * without carrier, and lists a labelled address (`eth0:1`) under its label.
 */
import type { ExecReads, NetworkInterface } from '../../../host.ts';

const IFF_UP = 1;
const IFF_LOOPBACK = 8;
const IFF_POINTOPOINT = 16;

/** The executable uses getifaddrs(3). Node uses `ip`, or its own list if there is no `ip` with JSON output. */
export async function interfaces(exec: ExecReads): Promise<readonly NetworkInterface[]> {
  if (process.versions.bun !== undefined) {
    const { interfaceAddresses } = await import('./interface-addresses.ts');
    return grouped(await interfaceAddresses());
  }
  return (await byProgram(exec)) ?? (await ofNode());
}

/** One address of an interface, or the interface alone. */
export interface InterfaceAddress {
  readonly name: string;
  /** IFF_UP and the like; see netdevice(7). */
  readonly flags: number;
  /** `10.0.0.5/24`. */
  readonly address?: string;
}

function grouped(rows: readonly InterfaceAddress[]): readonly NetworkInterface[] {
  const names = [...new Set(rows.map(({ name }) => withoutLabel(name)))];
  return names.map((name) => {
    const own = rows.filter((row) => withoutLabel(row.name) === name);
    const flags = own[0]?.flags ?? 0;
    return {
      name,
      up: (flags & IFF_UP) !== 0,
      loopback: (flags & IFF_LOOPBACK) !== 0,
      pointToPoint: (flags & IFF_POINTOPOINT) !== 0,
      addresses: own.flatMap(({ address }) => (address === undefined ? [] : [address])),
    };
  });
}

/** The name of an interface has no colon; the label of an address begins with that name and a colon. */
function withoutLabel(name: string): string {
  return name.split(':')[0] ?? name;
}

/** The fields of `ip -json address` that are read; iproute2. */
interface Link {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly addr_info?: readonly { readonly local?: string; readonly prefixlen: number }[];
}

/** Returns undefined if there is no `ip`, or if it has no JSON output. */
async function byProgram(exec: ExecReads): Promise<readonly NetworkInterface[] | undefined> {
  try {
    const { code, stdout } = await exec.probe('ip', ['-json', 'address']);
    if (code !== 0) return undefined;
    return (JSON.parse(stdout) as readonly Link[]).map(({ ifname, flags, addr_info }) => ({
      name: ifname,
      up: flags.includes('UP'),
      loopback: flags.includes('LOOPBACK'),
      pointToPoint: flags.includes('POINTOPOINT'),
      addresses: (addr_info ?? []).flatMap(({ local, prefixlen }) =>
        local === undefined ? [] : [`${local}/${prefixlen}`],
      ),
    }));
  } catch {
    return undefined;
  }
}

async function ofNode(): Promise<readonly NetworkInterface[]> {
  const { networkInterfaces } = await import('node:os');
  const rows = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ cidr, internal }) => ({
      name,
      flags: IFF_UP | (internal ? IFF_LOOPBACK : 0),
      ...(cidr === null ? {} : { address: cidr }),
    })),
  );
  return grouped(rows);
}
