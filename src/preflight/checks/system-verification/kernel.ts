/** The configuration of the kernel. Source: k8s.io/system-validators, kernel_validator.go and types_unix.go. */
import { gunzipSync } from 'node:zlib';
import { messageOf } from '../../../errors.ts';
import type { ReadHost } from '../../../host.ts';
import { type CheckResult, fail, passed, warn } from '../../check.ts';
import { type CgroupMount, findCgroupMount } from './cgroups.ts';

const supportedReleases = [/^5\.4/, /^5\.10/, /^5\.15/, /^([6-9]|[1-9][0-9]+)\.([0-9]+)\.([0-9]+)/];

/** An option with all its names. The first one that the configuration has decides. */
const required: readonly (readonly string[])[] = [
  ['NAMESPACES'],
  ['NET_NS'],
  ['PID_NS'],
  ['IPC_NS'],
  ['UTS_NS'],
  ['CPUSETS'],
  ['MEMCG'],
  ['INET'],
  ['EXT4_FS'],
  ['PROC_FS'],
  ['NETFILTER_XT_TARGET_REDIRECT', 'IP_NF_TARGET_REDIRECT'],
  ['NETFILTER_XT_MATCH_COMMENT'],
  ['FAIR_GROUP_SCHED'],
];

const requiredForCgroups: Readonly<Record<CgroupMount['version'], readonly (readonly string[])[]>> = {
  v1: [
    ['CGROUPS'],
    ['CGROUP_CPUACCT'],
    ['CGROUP_DEVICE'],
    ['CGROUP_FREEZER'],
    ['CGROUP_PIDS'],
    ['CGROUP_SCHED'],
  ],
  v2: [['CGROUPS'], ['CGROUP_BPF'], ['CGROUP_PIDS'], ['CGROUP_SCHED']],
};

/** The limit for the unpacked configuration, which is larger than that of any kernel. */
const maximumConfigBytes = 16 * 1024 * 1024;

/** The places where distributions keep the configuration of the running kernel, in the order of the search. */
export function kernelConfigPaths(release: string): readonly string[] {
  return [
    '/proc/config.gz',
    `/boot/config-${release}`,
    `/usr/src/linux-${release}/.config`,
    '/usr/src/linux/.config',
    `/usr/lib/modules/${release}/config`,
    `/usr/lib/ostree-boot/config-${release}`,
    `/usr/lib/kernel/config-${release}`,
    `/usr/src/linux-headers-${release}/.config`,
    `/lib/modules/${release}/build/.config`,
  ];
}

/** The first existing file of them. */
export async function findKernelConfig({
  files,
  system,
}: Pick<ReadHost, 'files' | 'system'>): Promise<string | undefined> {
  for (const path of kernelConfigPaths(system.kernel().release)) {
    if ((await files.stat(path).catch(() => undefined)) !== undefined) return path;
  }
  return undefined;
}

export function checkKernelRelease({ system }: Pick<ReadHost, 'system'>): CheckResult {
  const { release } = system.kernel();
  if (supportedReleases.some((pattern) => pattern.test(release))) return passed;
  return warn(
    `kernel release ${release} is unsupported: use 5.4, 5.10, 5.15 or any release from 6.0 on (for cgroup v2 5.10 ` +
      'or newer)',
  );
}

export async function checkKernelConfig(host: ReadHost): Promise<CheckResult> {
  try {
    const path = await findKernelConfig(host);
    if (path === undefined) {
      return fail(
        `failed to parse kernel config: none of ${kernelConfigPaths(host.system.kernel().release).join(', ')} exists, ` +
          "and 'modprobe configs' did not bring one: install the kernel's configuration file, or ignore this check",
      );
    }
    const options = parseKernelConfig(await readKernelConfig(host, path));
    const { version } = await findCgroupMount(host);
    const missing = [...required, ...requiredForCgroups[version]].filter((names) => !isOn(options, names));
    if (missing.length === 0) return passed;
    const shown = missing.map((names) => names.map((name) => `CONFIG_${name}`).join('|'));
    return fail(
      `unexpected kernel config: ${shown.join(' ')}: not set in ${path}, and needed by the kubelet`,
    );
  } catch (error) {
    return fail(`failed to parse kernel config: ${messageOf(error)}`);
  }
}

async function readKernelConfig({ files }: ReadHost, path: string): Promise<string> {
  const bytes = await files.read(path);
  const plain = path.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: maximumConfigBytes }) : bytes;
  return Buffer.from(plain).toString('latin1');
}

/** Lines such as `CONFIG_X=y`, by the name without the prefix. Comments and strings are ignored. */
export function parseKernelConfig(text: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^CONFIG_([A-Z0-9_]+)=([myn])/.exec(line.trim());
    if (match?.[1] !== undefined && match[2] !== undefined) options.set(match[1], match[2]);
  }
  return options;
}

function isOn(options: ReadonlyMap<string, string>, names: readonly string[]): boolean {
  const name = names.find((candidate) => options.has(candidate));
  const value = name === undefined ? undefined : options.get(name);
  return value === 'y' || value === 'm';
}
