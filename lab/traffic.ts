/** Faults of the network between nodes: cuts, loss and delay. The rules are on the bridge, so no program of a node sees them. */
import { hardwareAddress, inNetworkOf } from './network.ts';
import { LabError } from './run.ts';

/** Two nodes, by the last part of their addresses. */
export type Pair = readonly [number, number];

export interface Impairment {
  /** The share of the packets to and from the node that are dropped, from 0 to 100. Defaults to 0. */
  readonly lossPercent?: number;
  /** The milliseconds by which each packet to the node is delayed. Defaults to 0. */
  readonly delayMs?: number;
}

/** The table exists from the first fault on. Adding what exists is not an error. */
const table = `add table bridge lab
add set bridge lab cut { type ether_addr . ether_addr; }
add chain bridge lab forward { type filter hook forward priority 0; }
flush chain bridge lab forward
add rule bridge lab forward ether saddr . ether daddr @cut drop
`;

/** The nftables commands that drop all packets between the two nodes, or no longer drop them. */
export function cutRules(pair: Pair, isCut: boolean): string {
  const [a, b] = pair.map(hardwareAddress);
  const elements = `bridge lab cut { ${a} . ${b}, ${b} . ${a} }\n`;
  // A missing element cannot be deleted.
  return `${table}add element ${elements}${isCut ? '' : `delete element ${elements}`}`;
}

/** The nftables commands that end all cuts. */
export const healRules = `${table}flush set bridge lab cut\n`;

/** The nftables commands that drop a share of the packets of a node. @throws LabError for another number than 0 to 100 */
export function lossRules(host: number, percent: number): string {
  if (!(percent >= 0 && percent <= 100)) throw new LabError(`loss of ${percent} %: must be from 0 to 100`);
  const chain = `bridge lab loss${host}`;
  const limit = Math.round(percent * 100);
  // A random number is at most 9999, and nftables refuses a comparison with more.
  const share = limit === 10_000 ? '' : `numgen random mod 10000 < ${limit} `;
  const drop = ['saddr', 'daddr'].map(
    (end) => `add rule ${chain} ether ${end} ${hardwareAddress(host)} ${share}drop\n`,
  );
  return [
    'add table bridge lab\n',
    `add chain ${chain} { type filter hook forward priority 0; }\n`,
    `flush chain ${chain}\n`,
    ...(limit === 0 ? [] : drop),
  ].join('');
}

/** Runs nftables commands in the network of the bridge. */
export async function applyRules(gatewayPid: number, rules: string): Promise<void> {
  await inNetworkOf(gatewayPid, `nft -f - << 'EOF'\n${rules}EOF\n`);
}

/** Delays the packets to a node. @throws LabError if the kernel has no netem, or for a number that is not positive or 0 */
export async function applyDelay(gatewayPid: number, host: number, milliseconds: number): Promise<void> {
  if (!(milliseconds >= 0)) throw new LabError(`delay of ${milliseconds} ms: must not be negative`);
  const device = `dev node${host} root`;
  if (milliseconds === 0) {
    await inNetworkOf(gatewayPid, `tc qdisc delete ${device} 2> /dev/null || true`);
    return;
  }
  await inNetworkOf(gatewayPid, `tc qdisc replace ${device} netem delay ${milliseconds}ms`).catch(
    (error: unknown) => {
      throw new LabError(
        `the packets of a node cannot be delayed, probably because this kernel has no netem (sch_netem): ${String(error)}`,
      );
    },
  );
}
