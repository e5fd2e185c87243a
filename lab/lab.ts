/** Makes, finds and deletes labs. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';

import type { Components } from '../components/index.ts';
import { makeLabGroups, removeGroups } from './cgroup.ts';
import { type Adaptations, adaptations, inspectMachine, raiseInotifyLimit } from './machine.ts';
import { addressesOf, inNetworkOf, type NetworkSpec, readNetwork } from './network.ts';
import { type LabNode, nodeHandle } from './node.ts';
import { identify } from './process.ts';
import { hostsFile } from './root.ts';
import { LabError } from './run.ts';
import {
  bootNode,
  cutPower,
  prepareSupplies,
  type Supplies,
  startGateway,
  startNode,
  waitForEnd,
} from './start.ts';
import {
  bootId,
  checkName,
  type LabRecord,
  labFolder,
  makeLabFolder,
  type NodeRecord,
  nodeFolder,
  randomId,
  readLab,
  readNodes,
  readProcess,
  stateRoot,
  writeLab,
} from './state.ts';
import { applyDelay, applyRules, cutRules, healRules, type Impairment, lossRules } from './traffic.ts';

export interface NodeSpec {
  readonly name: string;
  /** `node` has systemd, containerd and kubelet. `host` is a bare machine in the lab's network. Defaults to `node`. */
  readonly kind?: 'node' | 'host';
  /** Whether IP forwarding is on, which kubeadm's preflight requires. Defaults to true. */
  readonly forward?: boolean;
  /** Whether the node has the images. Defaults to true. */
  readonly images?: boolean;
  /** A program of this machine that is copied to /usr/bin/kubeadm. */
  readonly kubeadm?: string;
  /** The programs and images of this node. Defaults to those of the lab. */
  readonly components?: Components;
}

export interface LabOptions {
  /** Defaults to a random id. */
  readonly id?: string;
  readonly nodes: readonly NodeSpec[];
  readonly network?: NetworkSpec;
  /** The result of `ensureComponents()`. */
  readonly components: Components;
  /** Whether the lab outlives this process. Defaults to false, so that `prune` removes it when the process has ended. */
  readonly keep?: boolean;
  /** Receives each step with its seconds. Defaults to no report. */
  readonly report?: (line: string) => void;
}

export interface Lab {
  readonly id: string;
  readonly nodes: readonly LabNode[];
  /** @throws LabError when the lab has no such node. */
  readonly node: (name: string) => LabNode;
  /** The settings that `init` needs on this machine. */
  readonly adaptations: Adaptations;
  /** Adds a node. Every node gets its name. */
  readonly addNode: (spec: NodeSpec, components: Components) => Promise<LabNode>;
  /** Disconnects a node from the network, or connects it again. */
  readonly setLink: (name: string, up: boolean) => Promise<void>;
  /** Drops all packets between two nodes, without an answer, until the cut is healed. A restart of a node does not end it. */
  readonly cut: (one: string, other: string) => Promise<void>;
  /** Ends the cut between two nodes, or all cuts of the lab. */
  readonly heal: (pair?: readonly [string, string]) => Promise<void>;
  /** Makes the network of a node bad, or good again without values. @throws LabError for a delay on a kernel without netem */
  readonly impair: (name: string, impairment: Impairment) => Promise<void>;
  /** Ends all processes of a node at once with SIGKILL. Its files stay. */
  readonly cutPower: (name: string) => Promise<void>;
  /** Boots a node whose power was cut. */
  readonly boot: (name: string) => Promise<void>;
  /** Cuts the power of a node and boots it again. */
  readonly restartNode: (name: string) => Promise<void>;
  readonly delete: () => Promise<void>;
}

const firstHost = 10;

/**
 * Makes a lab and waits until its nodes have booted. If it fails, it deletes the lab.
 * @throws LabError without root, for an id in use, or if a node does not boot.
 */
export async function createLab(options: LabOptions): Promise<Lab> {
  if (process.getuid?.() !== 0) throw new LabError('a lab needs root: namespaces, mounts and control groups');
  const state = stateRoot();
  const id = options.id ?? randomId();
  checkName('lab', id);
  for (const { name } of options.nodes) checkName('node', name);
  if (new Set(options.nodes.map(({ name }) => name)).size < options.nodes.length) {
    throw new LabError('two nodes of one name');
  }
  const network = readNetwork(options.network);
  const self = await identify(process.pid);
  const record: LabRecord = {
    id,
    created: new Date().toISOString(),
    bootId: await bootId(),
    owner: options.keep === true ? undefined : self,
    maker: self,
    group: `${id}-${randomId()}`,
    network,
    kubernetes: options.components.kubernetes,
  };
  const report = options.report ?? (() => {});
  const raised = await raiseInotifyLimit();
  if (raised !== undefined) report(raised);
  const supplies: Supplies[] = [];
  for (const { components } of options.nodes)
    supplies.push(await prepareSupplies(components ?? options.components, report));
  await makeLabFolder(state, record);
  try {
    await makeLabGroups(record.group);
    await startGateway(state, record);
    const planned = supplies.flatMap((supply, index) => {
      const spec = options.nodes[index];
      if (spec === undefined) return [];
      return [{ spec, supplies: supply, node: plan(spec, firstHost + index, { record, supplies: supply }) }];
    });
    const all = planned.map(({ node }) => node);
    const started = await Promise.allSettled(
      planned.map(({ spec, ...parts }) =>
        startNode(state, record, { ...settings(spec), ...parts, all, report }),
      ),
    );
    for (const result of started) if (result.status === 'rejected') throw result.reason;
    await writeLab(state, { ...record, maker: undefined });
  } catch (error) {
    await deleteLab(id).catch((left: unknown) => report(`lab ${id} was not removed: ${String(left)}`));
    throw error;
  }
  return openLab(id);
}

/** Opens an existing lab. @throws LabError if it does not exist */
export async function openLab(id: string): Promise<Lab> {
  const state = stateRoot();
  const record = await readLab(state, id);
  if (record === undefined) throw new LabError(`no lab ${id} (./lab/lab list shows all)`);
  const nodes = (await readNodes(state, id)).map((node) => nodeHandle(state, id, node));
  const node = (name: string): LabNode => {
    const found = nodes.find((candidate) => candidate.name === name);
    if (found === undefined) throw new LabError(`lab ${id} has no node ${name}`);
    return found;
  };
  const recordOf = async (name: string): Promise<NodeRecord> => {
    const found = (await readNodes(state, id)).find((candidate) => candidate.name === name);
    if (found === undefined) throw new LabError(`lab ${id} has no node ${name}`);
    return found;
  };
  const gateway = async (): Promise<number> => {
    const found = await readProcess(labFolder(state, id));
    if (found === undefined) throw new LabError(`lab ${id} is not running`);
    return found.pid;
  };
  const rules = async (text: string): Promise<void> => applyRules(await gateway(), text);
  const pairOf = async (one: string, other: string): Promise<readonly [number, number]> => {
    if (one === other) throw new LabError(`${one} and ${other} are the same node`);
    return [(await recordOf(one)).host, (await recordOf(other)).host];
  };
  const powerOff = async (name: string): Promise<void> => cutPower(state, record, await recordOf(name));
  const boot = async (name: string): Promise<void> => bootNode(state, record, await recordOf(name));
  return {
    id,
    nodes,
    node,
    adaptations: adaptations(await inspectMachine()),
    addNode: async (spec, components) => {
      const added = await addNode(state, record, { spec, components });
      nodes.push(added);
      return added;
    },
    setLink: async (name, up) => {
      const { host } = await recordOf(name);
      await inNetworkOf(await gateway(), `ip link set node${host} ${up ? 'up' : 'down'}`);
    },
    cut: async (one, other) => rules(cutRules(await pairOf(one, other), true)),
    heal: async (pair) => rules(pair === undefined ? healRules : cutRules(await pairOf(...pair), false)),
    impair: async (name, { lossPercent = 0, delayMs = 0 }) => {
      const { host } = await recordOf(name);
      await rules(lossRules(host, lossPercent));
      await applyDelay(await gateway(), host, delayMs);
    },
    cutPower: powerOff,
    boot,
    restartNode: async (name) => {
      await powerOff(name);
      await boot(name);
    },
    delete: () => deleteLab(id),
  };
}

/** Ends and removes all of a lab, even of a half-made one. A lab that does not exist is not an error. */
export async function deleteLab(id: string): Promise<void> {
  checkName('lab', id);
  const state = stateRoot();
  const folder = labFolder(state, id);
  if (!existsSync(folder)) return;
  // The kernel removes namespaces, mounts, links and networks with the last process in them.
  const folders = (await readNodes(state, id)).map(({ name }) => nodeFolder(state, id, name));
  const found = await Promise.all([folder, ...folders].map(readProcess));
  const record = await readLab(state, id);
  if (record !== undefined) await removeGroups(record.group);
  for (const one of found) if (one !== undefined) await waitForEnd(`lab ${id}`, one);
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

function plan(
  spec: NodeSpec,
  host: number,
  { record, supplies }: { readonly record: LabRecord; readonly supplies: Supplies },
): NodeRecord {
  return {
    name: spec.name,
    kind: spec.kind ?? 'node',
    host,
    addresses: addressesOf(record.network, host),
    forward: spec.forward ?? true,
    layers: `${supplies.layer}:/usr`,
  };
}

function settings({ images, kubeadm }: NodeSpec) {
  return { withImages: images ?? true, kubeadm };
}

async function addNode(
  state: string,
  record: LabRecord,
  { spec, components }: { readonly spec: NodeSpec; readonly components: Components },
): Promise<LabNode> {
  checkName('node', spec.name);
  const present = await readNodes(state, record.id);
  if (present.some(({ name }) => name === spec.name))
    throw new LabError(`lab ${record.id} has a node ${spec.name}`);
  const host = Math.max(firstHost - 1, ...present.map((node) => node.host)) + 1;
  const report = (): void => {};
  const supplies = await prepareSupplies(spec.components ?? components, report);
  const node = plan(spec, host, { record, supplies });
  const all = [...present, node];
  await startNode(state, record, { ...settings(spec), node, all, supplies, report });
  for (const other of present) {
    await nodeHandle(state, record.id, other).writeFile('/etc/hosts', hostsFile(all));
  }
  return nodeHandle(state, record.id, node);
}
