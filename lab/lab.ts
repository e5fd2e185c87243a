/** Labs: made, found again, deleted. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Components } from '../components/index.ts';
import { makeLabGroups, makeNodeGroups, outerGroupPaths, removeGroups } from './cgroup.ts';
import { ensureImages, pauseImage } from './images.ts';
import { type Adaptations, adaptations, inspectMachine } from './machine.ts';
import {
  addressesOf,
  cableScript,
  gatewayScript,
  inNetworkOf,
  type NetworkSpec,
  nodeScript,
  readNetwork,
} from './network.ts';
import { type LabNode, nodeHandle } from './node.ts';
import { identify, isAlive, type ProcessIdentity } from './process.ts';
import { ensureUsrLayer, hostsFile, makeRoot } from './root.ts';
import { fixedPath, LabError, sleep } from './run.ts';
import {
  bootId,
  checkName,
  type LabRecord,
  labCache,
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
  writeNode,
} from './state.ts';

export interface NodeSpec {
  readonly name: string;
  /** Default `node`: systemd, containerd and kubelet. `host`: a bare machine in the lab's network. */
  readonly kind?: 'node' | 'host';
  /** Whether IP forwarding is on, as kubeadm's preflight wants it; default true. */
  readonly forward?: boolean;
  /** Whether the images are there; default true. */
  readonly images?: boolean;
  /** A program of this machine that is copied to /usr/bin/kubeadm. */
  readonly kubeadm?: string;
}

export interface LabOptions {
  /** Default: random. */
  readonly id?: string;
  readonly nodes: readonly NodeSpec[];
  readonly network?: NetworkSpec;
  /** From `ensureComponents()`. */
  readonly components: Components;
  /** Whether the lab outlives this process; default false: `prune` takes it when the process is gone. */
  readonly keep?: boolean;
  /** Told of each step, with its seconds; default: silent. */
  readonly report?: (line: string) => void;
}

export interface Lab {
  readonly id: string;
  readonly nodes: readonly LabNode[];
  /** @throws LabError when the lab has no such node. */
  readonly node: (name: string) => LabNode;
  /** What `init` must be told on this machine. */
  readonly adaptations: Adaptations;
  /** A further node; every node learns its name. */
  readonly addNode: (spec: NodeSpec, components: Components) => Promise<LabNode>;
  /** Cuts a node from the network, or joins it again. */
  readonly setLink: (name: string, up: boolean) => Promise<void>;
  readonly delete: () => Promise<void>;
}

const here = dirname(fileURLToPath(import.meta.url));
const firstHost = 10;

/**
 * Makes a lab and waits until its nodes are up. What was made is deleted again when it fails.
 * @throws LabError: no root, an id in use, a node that does not come up.
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
    network,
    kubernetes: options.components.kubernetes,
  };
  await makeLabFolder(state, record);
  try {
    await makeLabGroups(id);
    const gateway = await startGateway(state, id);
    await inNetworkOf(gateway.pid, gatewayScript(network));
    const planned = options.nodes.map((spec, index) => plan(spec, firstHost + index, record));
    await Promise.all(
      options.nodes.map(async (spec, index) => {
        const node = planned[index];
        if (node !== undefined) await startNode(state, record, { ...options, spec, node, all: planned });
      }),
    );
    await writeLab(state, { ...record, maker: undefined });
  } catch (error) {
    await deleteLab(id);
    throw error;
  }
  return openLab(id);
}

/** A lab that is there. @throws LabError when it is not. */
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
      const { host } =
        (await readNodes(state, id)).find((candidate) => candidate.name === node(name).name) ?? {};
      const gateway = await readProcess(labFolder(state, id));
      if (gateway === undefined || host === undefined) throw new LabError(`lab ${id} is not running`);
      await inNetworkOf(gateway.pid, `ip link set node${host} ${up ? 'up' : 'down'}`);
    },
    delete: () => deleteLab(id),
  };
}

/** Ends and removes all of a lab, half-made ones too; a lab that is not there is fine. */
export async function deleteLab(id: string): Promise<void> {
  checkName('lab', id);
  const state = stateRoot();
  const folder = labFolder(state, id);
  if (!existsSync(folder)) return;
  // Namespaces, mounts, links and networks go with the last process in them.
  const processes = await firstProcesses(state, id);
  await removeGroups(id);
  const deadline = Date.now() + 10_000;
  while ((await Promise.all(processes.map(isAlive))).includes(true)) {
    if (Date.now() > deadline) throw new LabError(`lab ${id}: its processes will not end`);
    await sleep(5);
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

async function firstProcesses(state: string, id: string): Promise<readonly ProcessIdentity[]> {
  const folders = (await readNodes(state, id)).map(({ name }) => nodeFolder(state, id, name));
  const found = await Promise.all([labFolder(state, id), ...folders].map(readProcess));
  return found.flatMap((one) => (one === undefined ? [] : [one]));
}

function plan(spec: NodeSpec, host: number, record: LabRecord): NodeRecord {
  return {
    name: spec.name,
    kind: spec.kind ?? 'node',
    host,
    addresses: addressesOf(record.network, host),
  };
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
  const node = plan(spec, host, record);
  const all = [...present, node];
  await startNode(state, record, { spec, components, node, all });
  for (const other of present) {
    await nodeHandle(state, record.id, other).writeFile('/etc/hosts', hostsFile(all));
  }
  return nodeHandle(state, record.id, node);
}

interface StartOptions {
  readonly spec: NodeSpec;
  readonly node: NodeRecord;
  readonly all: readonly NodeRecord[];
  readonly components: Components;
  readonly report?: (line: string) => void;
}

async function startNode(state: string, lab: LabRecord, options: StartOptions): Promise<void> {
  const { spec, node, components } = options;
  const report = options.report ?? (() => {});
  const folder = nodeFolder(state, lab.id, node.name);
  const machine = await inspectMachine();
  const layer = await ensureUsrLayer(labCache(), components, machine);
  const images =
    node.kind === 'node' && spec.images !== false
      ? await ensureImages(labCache(), components, report)
      : undefined;
  const start = performance.now();
  await mkdir(folder);
  await writeNode(state, lab.id, node);
  await makeRoot(folder, {
    ...node,
    network: lab.network,
    hosts: options.all,
    machine,
    pauseImage: pauseImage(components),
    images,
    kubeadm: spec.kubeadm,
  });
  const filled = performance.now();
  const groups = await makeNodeGroups(lab.id, node.name);
  const namespaces = ['--mount', '--net', '--uts', '--ipc', '--pid', '--fork'];
  const boot = [join(here, 'boot.sh'), 'enter', folder, `${layer}:/usr`, node.kind, ...groups];
  await startOutside(lab.id, ['unshare', ...namespaces, ...boot], join(folder, 'boot.log'));
  const first = await waitForProcess(folder);
  const gateway = await readProcess(labFolder(state, lab.id));
  if (gateway === undefined) throw new LabError(`lab ${lab.id} has no gateway`);
  await inNetworkOf(gateway.pid, cableScript(node.host, first.pid));
  await inNetworkOf(first.pid, nodeScript(lab.network, node.host, spec.forward ?? true));
  await writeFile(join(folder, 'go'), '');
  await waitUntilUp(folder, node.name, first);
  const end = performance.now();
  report(`${node.name}: files ${seconds(start, filled)}, boot ${seconds(filled, end)}`);
}

async function startGateway(state: string, id: string): Promise<ProcessIdentity> {
  const folder = labFolder(state, id);
  await startOutside(id, [join(here, 'gateway.sh'), folder], join(folder, 'gateway.log'));
  return waitForProcess(folder, 'gateway.log');
}

/** Starts a program that outlives this process, in the lab's group for what is outside its nodes. */
async function startOutside(id: string, argv: readonly string[], log: string): Promise<void> {
  const groups = await outerGroupPaths(id);
  const enter =
    'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 > "$1/cgroup.procs"; shift; n=$((n - 1)); done; exec "$@"';
  const output = openSync(log, 'a');
  try {
    const child = spawn('/bin/sh', ['-euc', enter, 'enter', String(groups.length), ...groups, ...argv], {
      detached: true,
      cwd: '/',
      stdio: ['ignore', output, output],
      env: { PATH: fixedPath, LANG: 'C.UTF-8' },
    });
    // Its end shows in the state folder; a shell that cannot be started is the machine's trouble.
    child.on('error', () => {});
    child.unref();
  } finally {
    closeSync(output);
  }
}

async function waitForProcess(folder: string, log = 'boot.log'): Promise<ProcessIdentity> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const found = await readProcess(folder);
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new LabError(`did not start: ${await tail(join(folder, log))}`);
    await sleep(5);
  }
}

async function waitUntilUp(folder: string, name: string, first: ProcessIdentity): Promise<void> {
  const deadline = Date.now() + 90_000;
  const mark = `/proc/${first.pid}/root/run/lab-ready`;
  while (!existsSync(mark)) {
    const ended = !(await isAlive(first));
    if (ended || Date.now() > deadline) {
      const why = ended ? 'ended while it booted' : 'is not up after 90 s';
      throw new LabError(`node ${name} ${why}: ${await tail(join(folder, 'boot.log'))}`);
    }
    await sleep(15);
  }
}

async function tail(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trim().slice(-1500) || '(no output)';
}

function seconds(from: number, to: number): string {
  return `${((to - from) / 1000).toFixed(2)} s`;
}
