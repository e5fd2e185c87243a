/**
 * A Pod network for the nodes of a lab: the CNI plugins bridge and host-local in every node, and a route to the Pods of
 * every other node. It uses the addresses that the cluster gave to its nodes (spec.podCIDRs).
 */
import type { Lab } from './lab.ts';
import type { LabNode } from './node.ts';
import { LabError, sleep } from './run.ts';

export interface PodNetworkOptions {
  /** A node with an administrator's kubeconfig. Defaults to the first node of the lab. */
  readonly from?: string;
  /** The path in that node. Defaults to /etc/kubernetes/admin.conf. */
  readonly kubeconfig?: string;
  /**
   * The networks of the whole cluster, if the controller manager hands out no addresses. The prefix has at most 16 bits
   * for IPv4 (`10.244.0.0/16`) and at most 48 for IPv6 (`fd00:10:244::/48`). Each node gets its own part.
   */
  readonly podSubnets?: readonly string[];
  /** The milliseconds to wait for the addresses of the nodes. Defaults to 60 s. */
  readonly timeoutMs?: number;
}

/** A node of the cluster, by its address. */
export interface PodNode {
  readonly addresses: readonly string[];
  readonly podCIDRs: readonly string[];
}

/**
 * Installs the network on all running nodes of the lab that have joined the cluster. Run it again after a join.
 * @throws LabError if the cluster gives no addresses in time.
 */
export async function installPodNetwork(lab: Lab, options: PodNetworkOptions = {}): Promise<void> {
  const nodes = lab.nodes.filter(({ kind }) => kind === 'node');
  const from = options.from === undefined ? nodes[0] : lab.node(options.from);
  if (from === undefined) throw new LabError('the lab has no node');
  const members =
    options.podSubnets === undefined
      ? await membersOfCluster(lab, from, options)
      : nodes.map((node, index) => ({
          node,
          podCIDRs: (options.podSubnets ?? []).map((subnet) => partOf(subnet, index)),
        }));
  await Promise.all(
    members.map(async ({ node, podCIDRs }) => {
      if (!(await node.isRunning())) return;
      const routes = members
        .filter((other) => other.node !== node)
        .flatMap((other) => other.podCIDRs.map((cidr) => routeTo(cidr, other.node)));
      if (routes.length > 0) await node.mustExec(['sh', '-ec', routes.join('\n')], { timeoutMs: 20_000 });
      const text = `${JSON.stringify(conflist(podCIDRs), undefined, 2)}\n`;
      await node.writeFile('/etc/cni/net.d/10-lab.conflist', text);
    }),
  );
}

/** The configuration of the CNI plugins of a node with these Pod networks. */
export function conflist(podCIDRs: readonly string[]): Readonly<Record<string, unknown>> {
  const routes = podCIDRs.map((cidr) => ({ dst: cidr.includes(':') ? '::/0' : '0.0.0.0/0' }));
  return {
    cniVersion: '1.0.0',
    name: 'lab',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: podCIDRs.map((subnet) => [{ subnet }]), routes },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

/** The part of a network for the node with this number, which is a /24 or a /64. @throws LabError for other networks. */
export function partOf(subnet: string, index: number): string {
  const four = /^(\d+\.\d+)\.0\.0\/(?:[1-9]|1[0-6])$/.exec(subnet)?.[1];
  if (four !== undefined && index < 256) return `${four}.${index}.0/24`;
  const six = /^((?:[0-9a-f]{1,4}:){1,3}):\/(?:[1-9]|[1-3]\d|4[0-8])$/i.exec(subnet)?.[1];
  if (six !== undefined) {
    const groups = six.split(':').filter((group) => group !== '');
    while (groups.length < 3) groups.push('0');
    return `${groups.join(':')}:${index.toString(16)}::/64`;
  }
  throw new LabError(`${subnet}: not a network like 10.244.0.0/16 or fd00:10:244::/48`);
}

/** The nodes in the output of `kubectl get nodes -o json`. */
export function readPodNodes(json: string): readonly PodNode[] {
  const list = JSON.parse(json) as {
    items: {
      spec: { podCIDRs?: string[] };
      status?: { addresses?: { type: string; address: string }[] };
    }[];
  };
  return list.items.map(({ spec, status }) => ({
    podCIDRs: spec.podCIDRs ?? [],
    addresses: (status?.addresses ?? [])
      .filter(({ type }) => type === 'InternalIP')
      .map(({ address }) => address),
  }));
}

async function membersOfCluster(
  lab: Lab,
  from: LabNode,
  options: PodNetworkOptions,
): Promise<readonly { readonly node: LabNode; readonly podCIDRs: readonly string[] }[]> {
  const kubeconfig = options.kubeconfig ?? '/etc/kubernetes/admin.conf';
  const timeout = options.timeoutMs ?? 60_000;
  const deadline = Date.now() + timeout;
  for (;;) {
    const asked = await from.exec(['kubectl', '--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'json'], {
      timeoutMs: 20_000,
    });
    const found = asked.code === 0 ? readPodNodes(asked.stdout) : [];
    if (
      found.length > 0 &&
      found.every(({ podCIDRs, addresses }) => podCIDRs.length * addresses.length > 0)
    ) {
      return found.flatMap(({ addresses, podCIDRs }) => {
        const node = lab.nodes.find(
          (candidate) =>
            addresses.includes(candidate.addresses.ipv4 ?? '') ||
            addresses.includes(candidate.addresses.ipv6 ?? ''),
        );
        return node === undefined ? [] : [{ node, podCIDRs }];
      });
    }
    if (Date.now() > deadline) {
      const said = asked.code === 0 ? 'is networking.podSubnet set?' : asked.stderr.trim();
      throw new LabError(`no Pod networks (spec.podCIDRs) for every node after ${timeout / 1000} s: ${said}`);
    }
    await sleep(200);
  }
}

function routeTo(cidr: string, { name, addresses }: LabNode): string {
  const six = cidr.includes(':');
  const via = six ? addresses.ipv6 : addresses.ipv4;
  if (via === undefined) throw new LabError(`${cidr}: ${name} has no IPv${six ? 6 : 4} address in the lab`);
  return `ip ${six ? '-6 ' : ''}route replace ${cidr} via ${via}`;
}
