/** The control groups of this machine. Source: k8s.io/system-validators, cgroup_validator_linux.go. */
import { messageOf } from '../../../errors.ts';
import type { ReadHost } from '../../../host.ts';
import { kubeletSince } from '../../../versions.ts';
import { type CheckResult, fail } from '../../check.ts';

const unifiedMountPoint = '/sys/fs/cgroup';

const specs = {
  v1: {
    required: ['cpu', 'cpuacct', 'cpuset', 'devices', 'freezer', 'memory', 'pids'],
    optional: ['hugetlb', 'blkio'],
  },
  v2: {
    required: ['cpu', 'cpuset', 'devices', 'freezer', 'memory', 'pids'],
    optional: ['hugetlb', 'io'],
  },
} as const;

export interface CgroupMount {
  readonly path: string;
  readonly version: 'v1' | 'v2';
}

/** The mount that decides between the versions. Throws if no cgroup file system is mounted. */
export async function findCgroupMount({ files }: Pick<ReadHost, 'files'>): Promise<CgroupMount> {
  let first: string | undefined;
  for (const line of (await files.readText('/proc/mounts')).split('\n')) {
    const [, path = '', type] = line.trim().split(/\s+/);
    if (!line.includes('cgroup') || type === undefined) continue;
    if (path === unifiedMountPoint) {
      if (type !== 'tmpfs') return { path, version: type === 'cgroup2' ? 'v2' : 'v1' };
      const memory = await files.stat(`${unifiedMountPoint}/memory`);
      return { path, version: memory?.kind === 'directory' ? 'v1' : 'v2' };
    }
    if (type === 'cgroup2') return { path, version: 'v2' };
    if (type === 'cgroup') first ??= path;
  }
  if (first !== undefined) return { path: first, version: 'v1' };
  throw new Error('/proc/mounts names no cgroup file system: mount one at /sys/fs/cgroup');
}

/** Checks the controllers that a kubelet needs. With `refusesV1`, the kubelet starts on cgroup v1 only if configured to. */
export async function checkCgroups(host: ReadHost, refusesV1: boolean): Promise<CheckResult> {
  let mount: CgroupMount;
  let found: readonly string[];
  try {
    mount = await findCgroupMount(host);
    found = mount.version === 'v1' ? await controllersV1(host) : await controllersV2(host, mount.path);
  } catch (error) {
    return fail(`cannot tell how cgroups are set up: ${messageOf(error)}`);
  }
  const { required, optional } = specs[mount.version];
  const missing = required.filter((name) => !found.includes(name));
  const wanted = optional.filter((name) => !found.includes(name));
  const deprecated = mount.version === 'v1' ? [cgroupV1Text] : [];
  return {
    warnings: [
      ...(refusesV1 ? [] : deprecated),
      ...(wanted.length === 0 ? [] : [`missing optional cgroups: ${wanted.join(' ')}`]),
    ],
    // As in upstream, missing controllers hide the error about cgroup v1.
    errors:
      missing.length === 0
        ? refusesV1
          ? deprecated
          : []
        : [
            `missing required cgroups: ${missing.join(' ')} (cgroup ${mount.version} at ${mount.path}): switch them on ` +
              'with the kernel command line, for instance cgroup_enable=memory',
          ],
  };
}

const cgroupV1Text =
  'this machine uses cgroup v1, whose support is deprecated and will be removed: please change to cgroup v2. A ' +
  `kubelet of 1.${kubeletSince.refusesCgroupV1} or newer starts on cgroup v1 only with failCgroupV1: false in its configuration; then skip ` +
  'this check (https://git.k8s.io/enhancements/keps/sig-node/5573-remove-cgroup-v1)';

/** The enabled controllers, which are the rows of /proc/cgroups whose fourth column is not 0. */
async function controllersV1({ files }: ReadHost): Promise<readonly string[]> {
  return (await files.readText('/proc/cgroups'))
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns.length >= 4 && columns[3] !== '0')
    .map(([name = '']) => name);
}

/** The controllers that cgroup.controllers does not list: devices (since 4.15) and the freezer (since 5.2). */
async function controllersV2(host: ReadHost, path: string): Promise<readonly string[]> {
  const listed = (await host.files.readText(`${path}/cgroup.controllers`)).trim().split(/\s+/);
  return ['devices', ...((await hasFreezer(host, path)) ? ['freezer'] : []), ...listed];
}

/**
 * If the kernel has the freezer, every cgroup except the root has cgroup.freeze. Upstream makes a cgroup to see it. This
 * check changes nothing, so it looks at existing cgroups, and without one at the release of the kernel.
 */
async function hasFreezer({ files, system }: ReadHost, path: string): Promise<boolean> {
  if ((await files.stat(`${path}/cgroup.freeze`)) !== undefined) return true;
  for (const name of (await files.list(path)) ?? []) {
    if ((await files.stat(`${path}/${name}`))?.kind !== 'directory') continue;
    return (await files.stat(`${path}/${name}/cgroup.freeze`)) !== undefined;
  }
  const [major = 0, minor = 0] = system.kernel().release.split('.').map(Number.parseFloat);
  return major > 5 || (major === 5 && minor >= 2);
}
