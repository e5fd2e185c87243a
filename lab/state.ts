/** The state of labs: one folder per lab, with one file for it and one for each node. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

import type { LabNetwork, NodeAddresses } from './network.ts';
import { identify, type ProcessIdentity, parseStat } from './process.ts';
import { LabError } from './run.ts';

export interface LabRecord {
  readonly id: string;
  /** The time in ISO 8601. */
  readonly created: string;
  /** The boot id of the kernel. After a restart of the machine no process of a lab runs. */
  readonly bootId: string;
  /** The process that made the lab. Its end makes the lab a leftover. Undefined for a lab that is kept until it is deleted. */
  readonly owner: ProcessIdentity | undefined;
  /** The process that is making the lab. */
  readonly maker: ProcessIdentity | undefined;
  /** The control group: the id, and a part that differs for a lab with this id in another state folder. */
  readonly group: string;
  readonly network: LabNetwork;
  /** The version, such as `v1.36.2`. */
  readonly kubernetes: string;
}

export interface NodeRecord {
  readonly name: string;
  readonly kind: 'node' | 'host';
  /** The last part of its addresses. */
  readonly host: number;
  readonly addresses: NodeAddresses;
  /** Whether IP forwarding is on. */
  readonly forward: boolean;
  /** The lower layers of its /usr. */
  readonly layers: string;
}

/** `${XDG_STATE_HOME:-$HOME/.local/state}/kubeadm-ts/lab`; relative values are ignored (XDG base directory). */
export function stateRoot(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment.XDG_STATE_HOME ?? '';
  const base = isAbsolute(given) ? given : join(environment.HOME || homedir(), '.local', 'state');
  return join(base, 'kubeadm-ts', 'lab');
}

/** `${XDG_CACHE_HOME:-$HOME/.cache}/kubeadm-ts/lab`. */
export function labCache(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment.XDG_CACHE_HOME ?? '';
  const base = isAbsolute(given) ? given : join(environment.HOME || homedir(), '.cache');
  return join(base, 'kubeadm-ts', 'lab');
}

const namePattern = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;

/** @throws LabError for a name that is not valid for a lab or node (at most 40 lower case letters, digits, hyphens) */
export function checkName(what: string, name: string): void {
  if (!namePattern.test(name)) {
    throw new LabError(`${what} "${name}": lower case letters, digits and hyphens, at most 40 of them`);
  }
}

export function randomId(): string {
  return randomBytes(3).toString('hex');
}

export function labFolder(root: string, id: string): string {
  return join(root, id);
}

export function nodeFolder(root: string, id: string, node: string): string {
  return join(root, id, 'nodes', node);
}

/** @throws LabError if the lab exists already */
export async function makeLabFolder(root: string, record: LabRecord): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  // The folder is complete before it gets its name, so that nobody lists half a lab.
  const fresh = join(root, `${newPrefix}${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(join(fresh, 'nodes'), { recursive: true, mode: 0o700 });
  await writeJson(join(fresh, 'lab.json'), record);
  try {
    await rename(fresh, labFolder(root, record.id));
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') throw new LabError(`lab ${record.id} exists already`);
    throw error;
  }
}

const newPrefix = '.new-';

/** Removes the folders of labs whose makers were killed before the lab had a name. */
export async function removeUnnamed(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    const pid = name.startsWith(newPrefix) ? Number.parseInt(name.slice(newPrefix.length), 10) : undefined;
    if (pid !== undefined && (await identify(pid)) === undefined) {
      await rm(join(root, name), { recursive: true, force: true });
    }
  }
}

export async function writeLab(root: string, record: LabRecord): Promise<void> {
  await writeJson(join(labFolder(root, record.id), 'lab.json'), record);
}

export async function writeNode(root: string, id: string, record: NodeRecord): Promise<void> {
  await writeJson(join(nodeFolder(root, id, record.name), 'node.json'), record);
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(`${path}.tmp`, `${JSON.stringify(value, undefined, 2)}\n`);
  await rename(`${path}.tmp`, path);
}

/** The ids of all labs, including half-made ones. */
export async function labIds(root: string): Promise<readonly string[]> {
  return (await readdir(root).catch(() => [])).filter((name) => namePattern.test(name)).sort();
}

/** Undefined if the lab does not exist, or if its removal was cut off. */
export async function readLab(root: string, id: string): Promise<LabRecord | undefined> {
  const text = await readFile(join(labFolder(root, id), 'lab.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as LabRecord);
}

/** The nodes in the order of their addresses. */
export async function readNodes(root: string, id: string): Promise<readonly NodeRecord[]> {
  const names = await readdir(join(labFolder(root, id), 'nodes')).catch(() => []);
  const records = await Promise.all(
    names.map((name) =>
      readFile(join(nodeFolder(root, id, name), 'node.json'), 'utf8').catch(() => undefined),
    ),
  );
  return records
    .flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as NodeRecord]))
    .sort((a, b) => a.host - b.host);
}

/** The first process of a node (or, without a name, the gateway) as its boot recorded it. */
export async function readProcess(folder: string): Promise<ProcessIdentity | undefined> {
  const line = await readFile(join(folder, 'stat'), 'utf8').catch(() => undefined);
  const found = line === undefined ? undefined : parseStat(line);
  return found === undefined ? undefined : { pid: found.pid, start: found.start };
}

export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}
