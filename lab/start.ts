/** Starts the processes of a lab: its gateway and the first process of each node. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Components } from '../components/index.ts';
import { makeNodeGroups, outerGroupPaths, removeGroups } from './cgroup.ts';
import { ensureImages, pauseImage } from './images.ts';
import { inspectMachine, type Machine } from './machine.ts';
import { cableScript, gatewayScript, inNetworkOf, nodeScript } from './network.ts';
import { isAlive, type ProcessIdentity } from './process.ts';
import { ensureUsrLayer, makeRoot } from './root.ts';
import { fixedPath, LabError, sleep } from './run.ts';
import {
  type LabRecord,
  labCache,
  labFolder,
  type NodeRecord,
  nodeFolder,
  readProcess,
  writeNode,
} from './state.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** The parts that the nodes of a lab share. They are made once. */
export interface Supplies {
  readonly machine: Machine;
  /** The lower layer of /usr. */
  readonly layer: string;
  /** A containerd root with all images. */
  readonly images: string;
  readonly pauseImage: string;
}

export async function prepareSupplies(
  components: Components,
  report: (line: string) => void,
): Promise<Supplies> {
  const machine = await inspectMachine();
  return {
    machine,
    layer: await ensureUsrLayer(labCache(), components, machine),
    images: await ensureImages(labCache(), components, report),
    pauseImage: pauseImage(components),
  };
}

export interface StartOptions {
  readonly node: NodeRecord;
  /** All nodes of the lab, including this one. */
  readonly all: readonly NodeRecord[];
  readonly supplies: Supplies;
  readonly withImages: boolean;
  readonly kubeadm: string | undefined;
  readonly report: (line: string) => void;
}

/** Makes a node's files, boots it and waits until it has booted. @throws LabError with the output of its boot */
export async function startNode(state: string, lab: LabRecord, options: StartOptions): Promise<void> {
  const { node, supplies } = options;
  const folder = nodeFolder(state, lab.id, node.name);
  const start = performance.now();
  await mkdir(folder);
  await writeNode(state, lab.id, node);
  await makeRoot(folder, {
    ...node,
    network: lab.network,
    hosts: options.all,
    machine: supplies.machine,
    pauseImage: supplies.pauseImage,
    images: options.withImages ? supplies.images : undefined,
    kubeadm: options.kubeadm,
  });
  const filled = performance.now();
  await bootNode(state, lab, node);
  const end = performance.now();
  options.report(`${node.name}: files ${seconds(start, filled)}, boot ${seconds(filled, end)}`);
}

/** Boots a node whose files exist. */
export async function bootNode(state: string, lab: LabRecord, node: NodeRecord): Promise<void> {
  const folder = nodeFolder(state, lab.id, node.name);
  const groups = await makeNodeGroups(lab.group, node.name);
  const namespaces = ['--mount', '--net', '--uts', '--ipc', '--pid', '--fork'];
  const boot = [join(here, 'boot.sh'), 'enter', folder, node.layers, node.kind, ...groups];
  await startOutside(lab.group, ['unshare', ...namespaces, ...boot], join(folder, 'boot.log'));
  const first = await waitForProcess(folder);
  const gateway = await readProcess(labFolder(state, lab.id));
  if (gateway === undefined) throw new LabError(`lab ${lab.id} has no gateway`);
  await inNetworkOf(gateway.pid, cableScript(node.host, first.pid));
  await inNetworkOf(first.pid, nodeScript(lab.network, node.host, node.forward));
  await writeFile(join(folder, 'go'), '');
  await waitUntilUp(folder, node.name, first);
}

/** Ends all processes of a node at once. Its files stay, and `bootNode` boots it again. */
export async function cutPower(state: string, lab: LabRecord, node: NodeRecord): Promise<void> {
  const folder = nodeFolder(state, lab.id, node.name);
  const first = await readProcess(folder);
  await removeGroups(lab.group, node.name);
  if (first !== undefined) await waitForEnd(`node ${node.name} of lab ${lab.id}`, first);
  // overlayfs marks a volatile upper layer that may have lost writes. Nothing is lost while the machine runs.
  for (const name of ['stat', 'go', 'usr-work'])
    await rm(join(folder, name), { recursive: true, force: true });
  await mkdir(join(folder, 'usr-work'));
}

/** @throws LabError if the process still exists 10 s after it was killed */
export async function waitForEnd(what: string, one: ProcessIdentity): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (await isAlive(one)) {
    if (Date.now() > deadline) throw new LabError(`${what}: process ${one.pid} will not end`);
    await sleep(5);
  }
}

/** Starts the process that holds the lab's network namespace, and sets up the network there. */
export async function startGateway(state: string, { id, group, network }: LabRecord): Promise<void> {
  const folder = labFolder(state, id);
  await startOutside(group, [join(here, 'gateway.sh'), folder], join(folder, 'gateway.log'));
  const { pid } = await waitForProcess(folder, 'gateway.log');
  await inNetworkOf(pid, gatewayScript(network));
}

/** Starts a program that outlives this process, in the lab's group for programs outside of its nodes. */
async function startOutside(group: string, argv: readonly string[], log: string): Promise<void> {
  const groups = await outerGroupPaths(group);
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
    // The state folder shows its end. A shell that cannot be started is a problem of the machine.
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
