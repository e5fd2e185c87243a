import { describe, expect, test } from 'vitest';
import { defaultInit } from '../../config/v1beta4/defaults.ts';
import type { KubeadmEvent } from '../../events.ts';
import { createMemoryHost, type MemoryHostOptions } from '../../host/memory/index.ts';
import { initContext, initInput } from './input.fixture.ts';
import type { InitInput } from './input.ts';
import { preflight } from './preflight.ts';

function input(options: Partial<InitInput['options']>): InitInput {
  const nodeRegistration = { name: 'node1', criSocket: 'unix:///run/x.sock' };
  return initInput({ init: defaultInit({ nodeRegistration }), options });
}

const options = (
  'NAMESPACES NET_NS PID_NS IPC_NS UTS_NS CPUSETS MEMCG INET EXT4_FS PROC_FS NETFILTER_XT_TARGET_REDIRECT ' +
  'NETFILTER_XT_MATCH_COMMENT FAIR_GROUP_SCHED CGROUPS CGROUP_BPF CGROUP_PIDS CGROUP_SCHED'
).split(' ');

/** A machine that passes every check. */
const ready: MemoryHostOptions = {
  files: {
    '/boot/config-6.1.0': options.map((name) => `CONFIG_${name}=y\n`).join(''),
    '/proc/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n',
    '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids\n',
    '/proc/sys/net/ipv4/ip_forward': '1\n',
  },
  programs: { kubelet: { stdout: 'Kubernetes v1.36.2\n' }, losetup: {}, mount: {}, cp: {} },
};

async function run(options: Partial<InitInput['options']>, machine: MemoryHostOptions = ready) {
  const host = createMemoryHost(machine);
  const events: KubeadmEvent[] = [];
  const context = initContext(input(options), host, (event) => void events.push(event));
  const error = await preflight.run?.(input(options), host, context).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { host, events, error, types: events.map(({ type }) => type) };
}

describe('init preflight', () => {
  test('passes on a machine that is ready, and gets the images', async () => {
    const { host, events, error } = await run({});
    expect(error).toBeUndefined();
    expect(events.filter(({ type }) => type === 'preflight-finding')).toEqual([]);
    expect(host.runtime.images.size).toBe(7);
  });

  test('stops after the root check', async () => {
    const { events, error } = await run({}, { ...ready, uid: 1000, cpus: 1 });
    expect(error).toMatchObject({ code: 'preflight-failed' });
    expect(events).toEqual([
      { type: 'preflight-running' },
      expect.objectContaining({ type: 'preflight-finding', check: 'IsPrivilegedUser', level: 'error' }),
    ]);
  });

  test('pulls nothing after a failed check, and goes on when it is ignored', async () => {
    const failed = await run({}, { ...ready, cpus: 1 });
    expect(failed.error).toMatchObject({ code: 'preflight-failed' });
    expect(failed.host.runtime.images.size).toBe(0);
    const ignored = await run({ ignorePreflightErrors: ['numcpu'] }, { ...ready, cpus: 1 });
    expect(ignored.error).toBeUndefined();
    expect(ignored.events).toContainEqual(expect.objectContaining({ level: 'warning', check: 'NumCPU' }));
  });

  test('calls a failed pull ImagePull', async () => {
    const host = createMemoryHost(ready);
    host.runtime.pullErrors.set('registry.k8s.io/kube-proxy:v1.36.2', 'not found');
    const events: KubeadmEvent[] = [];
    const context = initContext(input({}), host, (event) => void events.push(event));
    await expect(preflight.run?.(input({}), host, context)).rejects.toMatchObject({
      code: 'preflight-failed',
    });
    expect(events.at(-1)).toMatchObject({ check: 'ImagePull', level: 'error' });
    await preflight.run?.(input({ ignorePreflightErrors: ['imagepull'] }), host, context);
    expect(events.at(-1)).toMatchObject({ check: 'ImagePull', level: 'warning' });
  });

  test('changes no file and runs no program that writes', async () => {
    const { host } = await run({});
    const fresh = createMemoryHost(ready);
    expect(host.snapshot()).toEqual(fresh.snapshot());
    expect(host.programs.calls.filter(({ write }) => write)).toEqual([]);
  });
});
