/**
 * The network of a lab: one network namespace with a bridge and the nodes' gateway. It has no other connection, so every
 * lab can use the same addresses.
 */
import { LabError, mustRun } from './run.ts';

export interface NetworkSpec {
  /** An IPv4 network of 256 addresses, or false for no IPv4. Defaults to `10.88.0.0/24`. */
  readonly ipv4?: string | false;
  /** An IPv6 network `<prefix>::/64`, or true for `fd00:88::/64`. Defaults to no IPv6. */
  readonly ipv6?: string | boolean;
}

/** Both prefixes without the last part of an address: `10.88.0.` and `fd00:88::`. */
export interface LabNetwork {
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
}

export interface NodeAddresses {
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
}

/** @throws LabError for a network of another size, or without a network */
export function readNetwork(spec: NetworkSpec = {}): LabNetwork {
  const ipv4 = spec.ipv4 ?? '10.88.0.0/24';
  const ipv6 = spec.ipv6 === true ? 'fd00:88::/64' : (spec.ipv6 ?? false);
  if (ipv4 === false && ipv6 === false) throw new LabError('a lab needs an IPv4 or an IPv6 network');
  const four = ipv4 === false ? undefined : /^((?:\d{1,3}\.){3})0\/24$/.exec(ipv4)?.[1];
  const six = ipv6 === false ? undefined : /^((?:[0-9a-f]{1,4}:){1,4}:)\/64$/i.exec(ipv6)?.[1];
  if (ipv4 !== false && four === undefined) throw new LabError(`${ipv4}: not a network like 10.88.0.0/24`);
  if (ipv6 !== false && six === undefined) throw new LabError(`${ipv6}: not a network like fd00:88::/64`);
  return { ipv4: four, ipv6: six?.toLowerCase() };
}

/** The address of the host with this number. The gateway has 1, and nodes begin at 10. */
export function addressesOf(network: LabNetwork, host: number): NodeAddresses {
  if (host < 1 || host > 254) throw new LabError('a lab has room for 245 nodes');
  return {
    ipv4: network.ipv4 && `${network.ipv4}${host}`,
    ipv6: network.ipv6 && `${network.ipv6}${host.toString(16)}`,
  };
}

/** The shell lines for the namespace of the gateway. */
export function gatewayScript(network: LabNetwork): string {
  const { ipv4, ipv6 } = addressesOf(network, 1);
  // Refused, not dropped: whoever dials an address that is not there (CoreDNS, before kube-proxy's rules) learns
  // at once. An unreachable route would not do: the kernel answers five packets, then one a second. Nothing listens
  // on the gateway's port 53, so its resolver refuses, too.
  return `set -e
set_if() { [ ! -e "/proc/sys/net/$1" ] || echo "$2" > "/proc/sys/net/$1"; }
set_if ipv4/ip_forward 1
set_if ipv4/icmp_ratelimit 0
set_if ipv4/icmp_msgs_per_sec 100000
set_if ipv6/conf/all/forwarding 1
set_if ipv6/icmp/ratelimit 0
ip link set lo up
ip link add lab0 type bridge
${ipv4 === undefined ? '' : `ip address add ${ipv4}/24 dev lab0`}
${ipv6 === undefined ? '' : `ip -6 address add ${ipv6}/64 dev lab0 nodad`}
ip link set lab0 up
ip link add sink0 type veth peer name sink1
ip link set sink0 up
ip link set sink1 up
ip route add default dev sink0
[ ! -e /proc/sys/net/ipv6 ] || ip -6 route add default dev sink0
nft -f - << 'EOF'
table inet lab {
  chain forward {
    type filter hook forward priority 0
    oifname sink0 meta l4proto tcp reject with tcp reset
    oifname sink0 reject
  }
}
EOF
`;
}

/** The shell lines for the namespace of a node that already has eth0, its end of the cable. */
export function nodeScript(network: LabNetwork, host: number, forward: boolean): string {
  const gateway = addressesOf(network, 1);
  const { ipv4, ipv6 } = addressesOf(network, host);
  const lines = ['set -e', 'ip link set lo up', 'ip link set eth0 up'];
  if (ipv4 !== undefined) {
    lines.push(`ip address add ${ipv4}/24 dev eth0`, `ip route add default via ${gateway.ipv4}`);
  }
  if (ipv6 !== undefined) {
    lines.push(`ip -6 address add ${ipv6}/64 dev eth0 nodad`, `ip -6 route add default via ${gateway.ipv6}`);
  }
  const flag = forward ? 1 : 0;
  lines.push(`echo ${flag} > /proc/sys/net/ipv4/ip_forward`);
  lines.push(`[ ! -e /proc/sys/net/ipv6 ] || echo ${flag} > /proc/sys/net/ipv6/conf/all/forwarding`);
  return lines.join('\n');
}

/** Runs shell lines in the network namespace of a process. */
export async function inNetworkOf(pid: number, script: string): Promise<string> {
  return mustRun(['nsenter', '--net', '--target', String(pid), '--', 'sh', '-c', script], {
    timeoutMs: 20_000,
  });
}

/** The hardware address of a node's eth0, which stays the same after each boot. */
export function hardwareAddress(host: number): string {
  return `02:58:00:00:00:${host.toString(16).padStart(2, '0')}`;
}

/** Connects a node to the bridge. The kernel may still be removing the cable of its last boot. */
export function cableScript(host: number, pid: number): string {
  return `set -e
ip link delete node${host} 2> /dev/null || true
ip link add node${host} type veth peer name eth0 address ${hardwareAddress(host)} netns ${pid}
ip link set node${host} master lab0 up
`;
}
