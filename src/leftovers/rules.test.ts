import { describe, expect, test } from 'vitest';
import { iptables } from './iptables.ts';
import { ipsets, ipvs } from './ipvs.ts';
import { context, kubeRules, usedMachine } from './leftovers.fixture.ts';
import { nftables } from './nftables.ts';

const withoutKube = {
  nat: {
    chains: ['PREROUTING', 'POSTROUTING'],
    rules: ['PREROUTING -s 192.0.2.1/32 -m comment --comment "mine: -j KUBE-SERVICES" -j ACCEPT'],
  },
  filter: { chains: ['INPUT', 'OUTPUT', 'MINE'], rules: ['INPUT -j MINE', 'MINE -p udp -j DROP'] },
};

describe('rules of iptables', () => {
  test('of kube-proxy and the kubelet go, in both backends and families, and all others stay', async () => {
    const backends = ['iptables-nft', 'iptables-legacy', 'ip6tables-nft', 'ip6tables-legacy'];
    const { host, rules } = usedMachine({
      rules: Object.fromEntries(backends.map((backend) => [backend, kubeRules])),
    });
    const removed = await iptables.remove?.(host, context);
    expect(removed?.map(({ name }) => name)).toEqual(
      backends.flatMap((backend) => [`table nat of ${backend}`, `table filter of ${backend}`]),
    );
    expect(rules).toEqual(Object.fromEntries(backends.map((backend) => [backend, withoutKube])));
    expect((await iptables.find(host, context)).leftovers).toEqual([]);
  });

  test('of somebody else that lead into a chain KUBE-* stay, and the chain is reported', async () => {
    const mine = 'INPUT -s 192.0.2.7/32 -j KUBE-FIREWALL';
    const filter = { ...kubeRules.filter, rules: [...kubeRules.filter.rules, mine] };
    const { host, rules } = usedMachine({ rules: { 'iptables-nft': { filter } } as never });
    await iptables.remove?.(host, context);
    expect(rules['iptables-nft']?.filter?.rules).toEqual(
      [...withoutKube.filter.rules, mine].toSorted(byOriginal),
    );
    expect((await iptables.find(host, context)).leftovers).toEqual([
      expect.objectContaining({
        reason: expect.stringContaining(`the rule "${mine}" leads into KUBE-FIREWALL`),
      }),
    ]);
  });

  test('of network plugins stay, and are named', async () => {
    const nat = { chains: ['POSTROUTING', 'CNI-HOSTPORT-DNAT', 'cali-nat-outgoing'], rules: [] };
    const { host } = usedMachine({ rules: { 'iptables-nft': { nat } } });
    const { kept, leftovers } = await iptables.find(host, context);
    expect(leftovers).toEqual([]);
    expect(kept).toEqual([
      expect.objectContaining({
        name: 'table nat of iptables-nft',
        reason: expect.stringContaining('CNI-HOSTPORT-DNAT, cali-nat-outgoing'),
      }),
    ]);
  });

  test('are found by iptables-save if the machine has no program for one backend', async () => {
    const { host } = usedMachine();
    for (const name of [...host.programs.programs.keys()])
      if (name.includes('tables-')) host.programs.programs.delete(name);
    expect((await iptables.find(host, context)).notSearched).toBe(
      'iptables-save is not installed; ip6tables-save is not installed',
    );
    host.programs.programs.set('iptables-save', {
      stdout: '*mangle\n:KUBE-KUBELET-CANARY - [0:0]\nCOMMIT\n',
    });
    host.programs.programs.set('iptables-restore', {});
    expect((await iptables.remove?.(host, context))?.map(({ name }) => name)).toEqual([
      'table mangle of iptables',
    ]);
    expect(host.programs.calls.at(-1)).toMatchObject({
      program: 'iptables-restore',
      args: ['--noflush', '-w', '10'],
      input: '*mangle\n:KUBE-KUBELET-CANARY - [0:0]\n-X KUBE-KUBELET-CANARY\nCOMMIT\n',
      write: true,
    });
  });

  test('that cannot be listed are an error, unless the kernel has no such tables', async () => {
    const denied = {
      code: 4,
      stderr: 'Could not fetch rule set generation id: Permission denied (you must be root)',
    };
    const { host } = usedMachine({}, { programs: { 'iptables-nft-save': denied } });
    await expect(iptables.find(host, context)).rejects.toMatchObject({
      code: 'exec',
      message: /you must be root/,
    });
    const unsupported = { code: 3, stderr: "can't initialize: Address family not supported by protocol" };
    host.programs.programs.set('iptables-nft-save', unsupported);
    expect((await iptables.find(host, context)).leftovers).toEqual([]);
  });
});

function byOriginal(a: string, b: string): number {
  const order = [...kubeRules.filter.rules.map(String)];
  const at = (rule: string): number => (order.indexOf(rule) < 0 ? order.length : order.indexOf(rule));
  return at(a) - at(b);
}

describe('tables of nftables', () => {
  test('named kube-proxy go for ip and ip6, and no others', async () => {
    const others = ['inet filter', 'inet kube-proxy', 'inet cni_hostport', 'ip nat'];
    const { host, tables } = usedMachine({ tables: ['ip kube-proxy', 'ip6 kube-proxy', ...others] });
    await nftables.remove?.(host, context);
    expect([...tables]).toEqual(others);
    const { kept, leftovers } = await nftables.find(host, context);
    expect(leftovers).toEqual([]);
    expect(kept.map(({ name }) => name)).toEqual(['table inet cni_hostport']);
  });

  test('are not searched for without nft, and an answer that is not JSON is an error', async () => {
    const { host } = usedMachine();
    host.programs.programs.set('nft', { stdout: 'table ip x' });
    await expect(nftables.find(host, context)).rejects.toMatchObject({ code: 'exec' });
    host.programs.programs.delete('nft');
    expect((await nftables.find(host, context)).notSearched).toBe('nft is not installed');
  });
});

describe('virtual servers of ipvs', () => {
  const table = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  0A600001:01BB rr
  -> 0A000005:192B      Masq    1      0          0
UDP  [fd00:0010:0096:0000:0000:0000:0000:000a]:0035 rr
TCP  0A000005:7531 rr
TCP  0A000005:0050 wlc
FWM  00000001 wlc
`;
  const addressed = (name: string, addresses: readonly string[]) => ({
    name,
    up: true,
    loopback: false,
    pointToPoint: false,
    addresses,
  });
  const machine = () => {
    const used = usedMachine(
      { links: { 'kube-ipvs0': { kind: 'dummy' } } },
      { programs: { ipvsadm: {} }, files: { '/proc/net/ip_vs': table } },
    );
    used.host.machine.interfaces = [
      addressed('eth0', ['10.0.0.5/24']),
      addressed('kube-ipvs0', ['10.96.0.1/32', 'fd00:10:96::a/128']),
    ];
    return used;
  };

  test('at addresses of kube-ipvs0 and at NodePorts go, then the link, and others are named', async () => {
    const { host, links } = machine();
    expect((await ipvs.find(host, context)).kept.map(({ name }) => name)).toEqual(['TCP 10.0.0.5:80']);
    await ipvs.remove?.(host, context);
    expect(
      host.programs.calls
        .filter(({ write }) => write)
        .map(({ args, program }) => [program, ...args].join(' ')),
    ).toEqual([
      'ipvsadm --delete-service --tcp-service 10.96.0.1:443',
      'ipvsadm --delete-service --udp-service [fd00:10:96::a]:53',
      'ipvsadm --delete-service --tcp-service 10.0.0.5:30001',
      'ip link delete dev kube-ipvs0',
    ]);
    expect(links.size).toBe(0);
  });

  test('keep the link as long as ipvsadm is missing, so that a later try knows them', async () => {
    const { host, links } = machine();
    host.programs.programs.delete('ipvsadm');
    await expect(ipvs.remove?.(host, context)).rejects.toMatchObject({
      message: 'ipvsadm is not installed',
      hint: 'Install ipvsadm, and run reset again.',
    });
    expect(links.has('kube-ipvs0')).toBe(true);
  });
});

test('sets KUBE-* of ipset go, and others stay', async () => {
  const { host, sets } = usedMachine({ sets: ['KUBE-CLUSTER-IP', 'KUBE-6-LOOP-BACK', 'mine'] });
  await ipsets.remove?.(host, context);
  expect([...sets]).toEqual(['mine']);
});
