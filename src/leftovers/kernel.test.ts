/** Control groups and settings of the kernel. */
import { describe, expect, test } from 'vitest';
import { cgroups } from './cgroups.ts';
import { kubelet } from './cluster-parts.ts';
import { iptables } from './iptables.ts';
import { context, kubeRules, usedMachine } from './leftovers.fixture.ts';

const commands = (host: ReturnType<typeof usedMachine>['host']): readonly string[] =>
  host.programs.calls.filter(({ write }) => write).map(({ args, program }) => [program, ...args].join(' '));

describe('control groups of Pods', () => {
  test('go in every hierarchy, the lowest first, and those of others stay', async () => {
    const { host } = usedMachine(
      {},
      {
        programs: { rmdir: {} },
        files: {
          '/sys/fs/cgroup/cpu/kubepods/burstable/poda/tasks': '',
          '/sys/fs/cgroup/memory/kubepods': { directory: true },
          '/sys/fs/cgroup/memory/mine/kubepods': { directory: true },
        },
      },
    );
    await cgroups.remove?.(host, context);
    expect(commands(host)).toEqual([
      'rmdir -- /sys/fs/cgroup/cpu/kubepods/burstable/poda /sys/fs/cgroup/cpu/kubepods/burstable /sys/fs/cgroup/cpu/kubepods',
      'rmdir -- /sys/fs/cgroup/memory/kubepods',
    ]);
  });

  test('of the driver systemd go with their unit, once', async () => {
    const { host } = usedMachine(
      {},
      {
        programs: { systemctl: {} },
        files: {
          '/sys/fs/cgroup/systemd/kubepods.slice': { directory: true },
          '/sys/fs/cgroup/memory/kubepods.slice': { directory: true },
        },
      },
    );
    await cgroups.remove?.(host, context);
    expect(commands(host)).toEqual(['systemctl stop kubepods.slice']);
  });

  test('that are in use are left with the reason', async () => {
    const busy = { code: 1, stderr: "rmdir: failed to remove 'kubepods': Device or resource busy" };
    const { host } = usedMachine(
      {},
      { programs: { rmdir: busy }, files: { '/sys/fs/cgroup/kubepods': { directory: true } } },
    );
    await expect(cgroups.remove?.(host, context)).rejects.toThrow(/resource busy/);
  });
});

describe('the setting route_localnet', () => {
  const file = '/proc/sys/net/ipv4/conf/all/route_localnet';
  const rules = { rules: { 'iptables-nft': kubeRules } };
  const names = async (files: Readonly<Record<string, string>>, parts = rules) => {
    const { host } = usedMachine(parts, { files });
    return (await iptables.find(host, context)).leftovers.map(({ name }) => name);
  };

  test('goes back to 0 before the rules that protect localhost go', async () => {
    const { host } = usedMachine(rules, { files: { [file]: '1\n' }, programs: { sysctl: {} } });
    await iptables.remove?.(host, context);
    expect(commands(host)).toEqual([
      'sysctl -w net.ipv4.conf.all.route_localnet=0',
      'iptables-nft-restore --noflush -w 10',
      'iptables-nft-restore --noflush -w 10',
    ]);
  });

  test('and the rules stay if it cannot be changed', async () => {
    const { host } = usedMachine(rules, { files: { [file]: '1\n' } });
    await expect(iptables.remove?.(host, context)).rejects.toThrow('sysctl is not installed');
    expect(commands(host)).toEqual([]);
  });

  test('is left alone if it is off, if an administrator has configured it, or without rules of kube-proxy', async () => {
    const setting = 'net.ipv4.conf.all.route_localnet';
    expect(await names({ [file]: '1\n' })).toContain(setting);
    expect(await names({ [file]: '1\n', '/etc/sysctl.d/a.conf': `# ${setting} = 1\n` })).toContain(setting);
    expect(await names({ [file]: '0\n' })).not.toContain(setting);
    expect(await names({ [file]: '1\n', '/etc/sysctl.d/a.conf': `${setting} = 1\n` })).not.toContain(setting);
    expect(await names({ [file]: '1\n', '/etc/sysctl.conf': `${setting}=1\n` })).not.toContain(setting);
    expect(await names({ [file]: '1\n' }, { rules: { 'iptables-nft': {} } } as never)).toEqual([]);
  });
});

test('settings of the kernel that have the values of the kubelet are named', async () => {
  const { host } = usedMachine(
    {},
    {
      files: {
        '/proc/sys/vm/overcommit_memory': '1\n',
        '/proc/sys/kernel/panic': '0\n',
        '/proc/sys/kernel/panic_on_oops': '1\n',
      },
    },
  );
  expect((await kubelet.find(host, context)).kept).toEqual([
    expect.objectContaining({ name: 'vm.overcommit_memory = 1, kernel.panic_on_oops = 1' }),
  ]);
});
