import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { FileSpec } from '../../../host/memory/initial-files.ts';
import { parseSemanticVersion } from '../../../lib/semantic-version.ts';
import { clean, verdict } from '../../verdict.fixture.ts';
import { systemVerification } from './system-verification.ts';

const options = (
  'NAMESPACES NET_NS PID_NS IPC_NS UTS_NS CPUSETS MEMCG INET EXT4_FS PROC_FS NETFILTER_XT_TARGET_REDIRECT ' +
  'NETFILTER_XT_MATCH_COMMENT FAIR_GROUP_SCHED CGROUPS CGROUP_BPF CGROUP_CPUACCT CGROUP_DEVICE CGROUP_FREEZER ' +
  'CGROUP_PIDS CGROUP_SCHED'
).split(' ');
const config = (...without: readonly string[]) =>
  options
    .map((name) => (without.includes(name) ? `# CONFIG_${name} is not set` : `CONFIG_${name}=y`))
    .join('\n');

const kubelet = (version = '1.36.2') => Promise.resolve(parseSemanticVersion(version) ?? 'not known');
const checkOf = (version?: string) => systemVerification(kubelet(version), { upgrade: false });
const check = checkOf();

const v2: Readonly<Record<string, FileSpec>> = {
  '/boot/config-6.1.0': config(),
  '/proc/mounts': 'proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n',
  '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids rdma\n',
  '/sys/fs/cgroup/system.slice/cgroup.freeze': '0\n',
};

const cgroups = (rows: readonly string[]) =>
  `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${rows.map((name) => `${name}\t1\t1\t1`).join('\n')}\n`;
const v1Names = ['cpuset', 'cpu', 'cpuacct', 'blkio', 'memory', 'devices', 'freezer', 'pids', 'hugetlb'];
const v1: Readonly<Record<string, FileSpec>> = {
  '/boot/config-6.1.0': config(),
  '/proc/mounts': 'tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n',
  '/sys/fs/cgroup/memory': { directory: true },
  '/proc/cgroups': cgroups(v1Names),
};

function run(files: Readonly<Record<string, FileSpec>>, version?: string, release = '6.1.0') {
  return verdict(checkOf(version), { files, kernel: { name: 'Linux', release } });
}

describe('SystemVerification', () => {
  test('passes on cgroup v2', async () => {
    expect(check.name).toBe('SystemVerification');
    expect(await run(v2)).toEqual(clean);
  });

  test('needs the version of the kubelet', async () => {
    expect(
      (await verdict(systemVerification(Promise.resolve('no kubelet'), { upgrade: false }), { files: v2 }))
        .errors,
    ).toEqual(['no kubelet']);
  });

  test('runs on Linux only', async () => {
    const { errors } = await verdict(check, {
      files: { ...v2, '/boot/config-24.0': config() },
      kernel: { name: 'Darwin', release: '24.0' },
    });
    expect(errors).toEqual([expect.stringContaining('unsupported operating system: Darwin')]);
  });

  test.each([
    ['5.4.0-42-generic', 0],
    ['5.10.1', 0],
    ['5.15.200', 0],
    ['6.0.1', 0],
    ['10.2.3-x', 0],
    ['4.19.0', 1],
    ['5.11.2', 1],
    ['6.1', 1],
  ])('knows the kernel release %s', async (release, count) => {
    const { errors, warnings } = await run(
      { ...v2, [`/boot/config-${release}`]: config() },
      undefined,
      release,
    );
    expect(errors).toEqual([]);
    expect(warnings.filter((text) => text.includes(`kernel release ${release}`))).toHaveLength(count);
  });
});

describe('the kernel configuration', () => {
  const withConfig = (text: string) => ({ ...v2, '/boot/config-6.1.0': text });

  test('names all options that are missing, with the file', async () => {
    const { errors } = await run(withConfig(`${config('MEMCG', 'CGROUP_BPF')}\nCONFIG_INET=n`));
    expect(errors).toEqual([
      expect.stringMatching(
        /^unexpected kernel config: CONFIG_MEMCG CONFIG_INET CONFIG_CGROUP_BPF: .*\/boot\//,
      ),
    ]);
  });

  test('takes modules and the other name of an option', async () => {
    const other = `${config('NETFILTER_XT_TARGET_REDIRECT', 'EXT4_FS')}\nCONFIG_IP_NF_TARGET_REDIRECT=m\nCONFIG_EXT4_FS=m`;
    expect(await run(withConfig(other))).toEqual(clean);
    const off = `${other}\nCONFIG_NETFILTER_XT_TARGET_REDIRECT=n`;
    expect((await run(withConfig(off))).errors).toHaveLength(1);
  });

  test('wants only what the cgroup version needs', async () => {
    expect(await run(withConfig(config('CGROUP_DEVICE', 'CGROUP_CPUACCT', 'CGROUP_FREEZER')))).toEqual(clean);
    const { errors } = await run({ ...v1, '/boot/config-6.1.0': config('CGROUP_BPF', 'CGROUP_DEVICE') });
    expect(errors[0]).toMatch(/^unexpected kernel config: CONFIG_CGROUP_DEVICE:/);
  });

  test('the kernel configuration is read from /proc/config.gz first', async () => {
    const packed = { ...v2, '/boot/config-6.1.0': '', '/proc/config.gz': gzipSync(config()) };
    expect(await run(packed)).toEqual(clean);
    const { errors } = await run({ ...packed, '/proc/config.gz': 'not gzip' });
    expect(errors).toEqual([expect.stringMatching(/^failed to parse kernel config/)]);
  });

  test('a kernel configuration that no file has is an error', async () => {
    const { '/boot/config-6.1.0': _, ...rest } = v2;
    expect((await run(rest)).errors).toEqual([
      expect.stringMatching(/^failed to parse kernel config: none of/),
    ]);
    expect(await run({ ...rest, '/lib/modules/6.1.0/build/.config': config() })).toEqual(clean);
  });
});

describe('cgroups', () => {
  test('v1 is an error from kubelet 1.35 on, and a warning before', async () => {
    const now = await run(v1);
    expect(now).toEqual({ warnings: [], errors: [expect.stringContaining('failCgroupV1')] });
    const before = await run(v1, '1.34.9');
    expect(before).toEqual({ errors: [], warnings: [expect.stringContaining('failCgroupV1')] });
    expect((await run(v1, '1.35.0-alpha.1')).errors).toHaveLength(1);
    const upgrade = await verdict(systemVerification(kubelet('1.34.0'), { upgrade: true }), { files: v1 });
    expect(upgrade.errors).toHaveLength(1);
  });

  test('v1: missing controllers stand alone', async () => {
    const few = v1Names.filter((name) => !['memory', 'pids', 'blkio'].includes(name));
    const { errors, warnings } = await run({ ...v1, '/proc/cgroups': `${cgroups(few)}memory\t0\t1\t0\n` });
    expect(errors).toEqual([expect.stringMatching(/^missing required cgroups: memory pids/)]);
    expect(warnings).toEqual(['missing optional cgroups: blkio']);
  });

  test('v2: reads the controllers', async () => {
    const { errors, warnings } = await run({ ...v2, '/sys/fs/cgroup/cgroup.controllers': 'cpu memory\n' });
    expect(errors).toEqual([expect.stringMatching(/^missing required cgroups: cpuset pids/)]);
    expect(warnings).toEqual(['missing optional cgroups: hugetlb io']);
  });

  test('v2: knows a kernel without freezer', async () => {
    const { '/sys/fs/cgroup/system.slice/cgroup.freeze': _, ...rest } = v2;
    const bare = { ...rest, '/boot/config-5.4.1': config() };
    const without = { ...bare, '/sys/fs/cgroup/user.slice/x': '' };
    expect((await run(without, undefined, '5.4.1')).errors).toEqual([
      expect.stringMatching(/^missing required cgroups: freezer/),
    ]);
    expect((await run(bare, undefined, '5.4.1')).errors).toEqual([]);
    const old = { ...bare, '/boot/config-5.1.2': config() };
    expect((await run(old, undefined, '5.1.2')).errors).toHaveLength(1);
  });

  test.each([
    ['cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\ntmpfs /sys/fs/cgroup tmpfs rw 0 0\n', false],
    ['tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n', true],
    ['cgroup /cg/cpu cgroup rw 0 0\n', true],
    ['other /sys/fs/cgroup ramfs rw 0 0\n', true],
  ])('tells the version from the mounts %j', async (mounts, isV1) => {
    const files = {
      ...v1,
      '/proc/mounts': mounts,
      '/sys/fs/cgroup/unified/cgroup.controllers': 'cpuset cpu io memory hugetlb pids\n',
    };
    const { errors } = await run(files);
    expect(errors.some((text) => text.includes('failCgroupV1'))).toBe(isV1);
  });

  test('a machine without cgroups fails', async () => {
    const { errors } = await run({ ...v2, '/proc/mounts': 'proc /proc proc rw 0 0\n' });
    expect(errors).toHaveLength(2);
  });
});
