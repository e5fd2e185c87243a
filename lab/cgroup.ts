/**
 * The lab's control groups: `kubeadm-lab/<lab's group>/<node>` at the top of every hierarchy (version 1, hybrid or 2).
 * All processes of a lab are in them, so they also show which processes to kill.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { LabError, sleep } from './run.ts';

export interface Hierarchy {
  readonly mountPoint: string;
  readonly version: 1 | 2;
  /** The controllers, such as `cpuset` or `name=systemd`; empty for version 2. */
  readonly controllers: readonly string[];
}

const family = 'kubeadm-lab';
/** The group of processes outside of the nodes. It is not a valid name of a node. */
const outerGroup = '.outer';

/** The unique hierarchies in a /proc/PID/mountinfo. */
export function parseHierarchies(mountinfo: string): readonly Hierarchy[] {
  const seen = new Set<string>();
  const found: Hierarchy[] = [];
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , device = '', , mountPoint = ''] = before.split(' ');
    const [type, , superOptions = ''] = after.split(' ');
    if ((type !== 'cgroup' && type !== 'cgroup2') || seen.has(device)) continue;
    seen.add(device);
    const names = superOptions.split(',').filter((name) => name !== 'rw' && name !== 'ro');
    const one = type === 'cgroup';
    found.push({ mountPoint, version: one ? 1 : 2, controllers: one ? names : [] });
  }
  return found;
}

export async function readHierarchies(): Promise<readonly Hierarchy[]> {
  const found = parseHierarchies(await readFile('/proc/self/mountinfo', 'utf8'));
  if (found.length === 0) throw new LabError('no control groups: /sys/fs/cgroup is not mounted');
  return found;
}

/** Makes the group of a lab. @throws LabError if it exists already */
export async function makeLabGroups(lab: string): Promise<void> {
  for (const hierarchy of await readHierarchies()) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await makeGroup(hierarchy, [family], true);
        await makeGroup(hierarchy, [family, lab], false);
        break;
      } catch (error) {
        // The end of the last other lab has removed the family's group meanwhile.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 10) throw error;
      }
    }
    await makeGroup(hierarchy, [family, lab, outerGroup], true);
  }
}

/** Makes the group of a node. Returns its path in each hierarchy. */
export async function makeNodeGroups(lab: string, node: string): Promise<readonly string[]> {
  const hierarchies = await readHierarchies();
  for (const hierarchy of hierarchies) await makeGroup(hierarchy, [family, lab, node], true);
  return groupPaths(hierarchies, [family, lab, node]);
}

export async function outerGroupPaths(lab: string): Promise<readonly string[]> {
  return groupPaths(await readHierarchies(), [family, lab, outerGroup]);
}

function groupPaths(hierarchies: readonly Hierarchy[], path: readonly string[]): readonly string[] {
  return hierarchies.map(({ mountPoint }) => join(mountPoint, ...path));
}

async function makeGroup(hierarchy: Hierarchy, path: readonly string[], mayExist: boolean): Promise<void> {
  const group = join(hierarchy.mountPoint, ...path);
  const parent = join(group, '..');
  // A version 2 group passes controllers on only if configured to. A cpuset of version 1 is empty and unusable at first.
  if (hierarchy.version === 2) {
    const controllers = (await readFile(join(parent, 'cgroup.controllers'), 'utf8')).trim();
    for (const name of controllers === '' ? [] : controllers.split(' ')) {
      // Nodes do not need a controller that cannot be passed on (cpu with real-time tasks).
      await writeFile(join(parent, 'cgroup.subtree_control'), `+${name}`).catch(() => {});
    }
  }
  await mkdir(group).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST' && mayExist) return;
    if (error.code === 'EEXIST') throw new LabError(`${group} exists already`);
    throw error;
  });
  if (hierarchy.version === 1 && hierarchy.controllers.includes('cpuset')) {
    for (const name of ['cpuset.cpus', 'cpuset.mems']) {
      await writeFile(join(group, name), await readFile(join(parent, name), 'utf8'));
    }
  }
}

/** Kills every process in the groups of a lab, or of one of its nodes, and removes the groups. */
export async function removeGroups(lab: string, node?: string): Promise<void> {
  const hierarchies = await readHierarchies();
  const path = node === undefined ? [family, lab] : [family, lab, node];
  const roots = groupPaths(hierarchies, path).filter((root) => existsSync(root));
  const deadline = Date.now() + 20_000;
  // The parents of the nodes' first processes are in the outer group. They must live to reap them, because the machine's
  // init may be slow with orphans.
  for (const spared of [outerGroup, undefined]) {
    await endProcesses(roots, { spared, deadline });
  }
  for (const root of roots) await removeTree(root, deadline);
  if (node === undefined) {
    // The family's group is removed with its last lab.
    for (const top of groupPaths(hierarchies, [family])) await rmdir(top).catch(() => {});
  }
}

async function endProcesses(
  roots: readonly string[],
  { spared, deadline }: { readonly spared: string | undefined; readonly deadline: number },
): Promise<void> {
  let wait = 5;
  for (;;) {
    const found = (await Promise.all(roots.map((root) => processesBelow(root, spared)))).flat();
    if (found.length === 0) return;
    if (Date.now() > deadline) throw new LabError(`${found.length} processes in ${roots[0]} do not end`);
    for (const pid of found) kill(pid);
    await sleep(wait);
    wait = Math.min(wait * 2, 100);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended meanwhile.
  }
}

async function processesBelow(group: string, spared?: string): Promise<readonly number[]> {
  const text = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
  // 0 means a process of another PID namespace, which has no pid here.
  const own = text.split('\n').flatMap((line) => (Number(line) > 0 ? [Number(line)] : []));
  const names = (await subgroups(group)).filter((name) => name !== spared);
  const below = await Promise.all(names.map((name) => processesBelow(join(group, name))));
  return [...own, ...below.flat()];
}

async function subgroups(group: string): Promise<readonly string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

async function removeTree(group: string, deadline: number): Promise<void> {
  for (const name of await subgroups(group)) await removeTree(join(group, name), deadline);
  for (;;) {
    try {
      await rmdir(group);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      // The group is busy until the last processes are reaped.
      if (Date.now() > deadline) throw new LabError(`${group} cannot be removed: ${code}`);
      await sleep(10);
    }
  }
}
