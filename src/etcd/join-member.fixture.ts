/** Nodes that join an etcd in memory. */
import type { EtcdMember } from '../clients/etcd/etcd-client.ts';
import type { KubeadmEvent } from '../events.ts';
import { Crash, type MemoryHost, type MemoryHostOptions } from '../host/memory/index.ts';
import type { InitialMember } from '../manifests/etcd.ts';
import { etcdMember, hostWithEtcd } from './cluster.fixture.ts';
import { joinMember } from './join-member.ts';

export const peerURL = 'https://10.0.0.9:2380';
export const first = etcdMember('a', '10.0.0.5');
export const second = etcdMember('b', '10.0.0.6');
export const third = etcdMember('c', '10.0.0.7');
export const unstarted = { id: '9', name: '', peerURLs: [peerURL], clientURLs: [], isLearner: true };

export interface Node {
  readonly host: MemoryHost;
  readonly events: KubeadmEvent[];
  /** The members that each manifest named. */
  readonly manifests: (readonly InitialMember[])[];
  readonly uninstalled: string[];
  /** Each call that keeps a record, with the number of members at that time. */
  readonly recorded: {
    readonly mayBeMember: boolean;
    readonly ownsData: boolean;
    readonly members: number;
  }[];
  readonly stop: AbortController;
  /** Whether the process of the member can be restarted, which `onRestart` reports. */
  onRestart: (() => void) | undefined;
  takesPeers: boolean;
  readonly join: (own?: { readonly ownsData?: boolean }) => Promise<unknown>;
}

interface NodeOptions extends MemoryHostOptions {
  /** What the kubelet does with the manifest; by default the member starts. */
  readonly onInstall?: (node: Node) => void;
}

/** Starts the member of this node, as the kubelet does with its manifest. */
export function start({ host }: Pick<Node, 'host'>): void {
  const { members } = host.etcdCluster;
  const own = [...members.values()].find(({ peerURLs }) => peerURLs.includes(peerURL));
  if (own !== undefined) members.set(own.id, { ...own, name: 'cp4', clientURLs: ['https://10.0.0.9:2379'] });
}

export function nodeIn(
  members: readonly EtcdMember[],
  { onInstall = start, ...options }: NodeOptions = {},
): Node {
  const host = hostWithEtcd(members, options);
  const node: Node = {
    host,
    events: [],
    manifests: [],
    uninstalled: [],
    recorded: [],
    stop: new AbortController(),
    onRestart: undefined,
    takesPeers: true,
    join: async (own) => {
      const client = host.etcd([first.clientURLs[0] ?? '']);
      await client.sync();
      const order = {
        own: { name: 'cp4', peerURL, dataDir: '/var/lib/etcd', ownsData: false, ...own },
        member: {
          install: async (all: readonly InitialMember[]) => {
            node.manifests.push(all);
            onInstall(node);
          },
          uninstall: async () => void node.uninstalled.push('manifest and data'),
          restart: async () => {
            node.onRestart?.();
            return node.onRestart !== undefined;
          },
          record: async (state: { readonly mayBeMember: boolean; readonly ownsData: boolean }) =>
            void node.recorded.push({ ...state, members: host.etcdCluster.members.size }),
          takesPeers: async () => node.takesPeers,
        },
        context: {
          emit: (event: KubeadmEvent) => void node.events.push(event),
          signal: node.stop.signal,
          timeoutMs: 120_000,
        },
      };
      return await joinMember(host, client, order).catch((error: unknown) => {
        if (error instanceof Crash) throw error;
        return error;
      });
    },
  };
  return node;
}

export const own = ({ host }: Node) =>
  [...host.etcdCluster.members.values()].filter(({ peerURLs }) => peerURLs.includes(peerURL));
export const types = ({ events }: Node) => events.map(({ type }) => type);
export const changes = ({ host }: Node) =>
  host.gate.writes.filter(({ kind }) => kind === 'etcd').map(({ target }) => target.split(' ')[0]);
