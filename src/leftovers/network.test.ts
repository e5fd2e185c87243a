import { describe, expect, test } from 'vitest';
import { context, usedMachine } from './leftovers.fixture.ts';
import { links } from './links.ts';
import { networkNamespaces } from './network-namespaces.ts';

describe('network links', () => {
  test('of every row of the table go, by name and kind, with the host ends of Pods', async () => {
    const cluster = {
      cni0: { kind: 'bridge' },
      veth1a2b3c4d: { kind: 'veth', master: 'cni0' },
      'flannel.1': { kind: 'vxlan' },
      'flannel-v6.1': { kind: 'vxlan' },
      cali0123456789a: { kind: 'veth' },
      'vxlan.calico': { kind: 'vxlan' },
      cilium_host: { kind: 'veth' },
      lxc0123456789ab: { kind: 'veth' },
      weave: { kind: 'bridge' },
      'antrea-gw0': { kind: 'openvswitch' },
      'kube-bridge': { kind: 'bridge' },
      nodelocaldns: { kind: 'dummy' },
    };
    const others = {
      lo: {},
      eth0: {},
      docker0: { kind: 'bridge' },
      vethdocker1: { kind: 'veth', master: 'docker0' },
      veth9: { kind: 'veth' },
      'flannel.2': { kind: 'vlan', master: 'eth0' },
      cali: { kind: 'veth' },
      'vxlan.calico2': { kind: 'vxlan' },
    };
    const used = usedMachine({ links: { ...others, ...cluster } });
    const removed = await links.remove?.(used.host, context);
    expect(removed?.map(({ name }) => name).toSorted()).toEqual(Object.keys(cluster).toSorted());
    expect([...used.links.keys()]).toEqual(Object.keys(others));
  });

  test('that belong together are removed once', async () => {
    const used = usedMachine({ links: { cilium_net: { kind: 'veth' }, cilium_host: { kind: 'veth' } } });
    const run: typeof used.host.exec.run = async (program, args) => {
      if (args.includes('cilium_net')) used.links.delete('cilium_host');
      return await used.host.exec.run(program, args);
    };
    await links.remove?.({ ...used.host, exec: { ...used.host.exec, run } }, context);
    expect(used.links.size).toBe(0);
  });

  test('that cannot be removed do not stop the others', async () => {
    const used = usedMachine({ links: { 'antrea-gw0': { kind: 'openvswitch' }, cni0: { kind: 'bridge' } } });
    const run: typeof used.host.exec.run = async (program, args) =>
      args.includes('antrea-gw0')
        ? { code: 2, stdout: '', stderr: 'RTNETLINK answers: Operation not supported' }
        : await used.host.exec.run(program, args);
    await expect(links.remove?.({ ...used.host, exec: { ...used.host.exec, run } }, context)).rejects.toThrow(
      'ip link delete dev antrea-gw0 ended with exit code 2: RTNETLINK answers: Operation not supported',
    );
    expect([...used.links.keys()]).toEqual(['antrea-gw0']);
  });

  test('of a kernel module stay, and are named', async () => {
    const { host } = usedMachine({ links: { tunl0: { kind: 'ipip' } } });
    const { kept, leftovers } = await links.find(host, context);
    expect(leftovers).toEqual([]);
    expect(kept).toEqual([expect.objectContaining({ name: 'tunl0' })]);
  });

  test('are not looked for without the program ip', async () => {
    const { host } = usedMachine();
    host.programs.programs.delete('ip');
    expect((await links.find(host, context)).notSearched).toBe('ip is not installed');
  });
});

describe('network namespaces', () => {
  const files = { '/run/netns/cni-used': '', '/run/netns/cni-unused': '', '/run/netns/mine': '' };
  const machine = () => {
    const used = usedMachine({ processes: { 'cni-used': '17\n18\n' } }, { files });
    used.host.disk.mountPoints.add('/run/netns/cni-unused');
    used.host.disk.mountPoints.add('/run/netns/cni-used');
    return used.host;
  };

  test('without processes are unmounted and removed, and one with processes is kept', async () => {
    const host = machine();
    await networkNamespaces.remove?.(host, context);
    expect(await host.files.list('/run/netns')).toEqual(['cni-used', 'mine']);
    expect([...host.disk.mountPoints]).toEqual(['/run/netns/cni-used']);
    expect(await networkNamespaces.find(host, context)).toMatchObject({
      leftovers: [],
      kept: [{ name: '/run/netns/cni-used', reason: expect.stringContaining('17, 18') }],
    });
  });

  test('that a run which was cut off has already unmounted are removed', async () => {
    const host = machine();
    host.disk.mountPoints.delete('/run/netns/cni-unused');
    await networkNamespaces.remove?.(host, context);
    expect(await host.files.list('/run/netns')).toEqual(['cni-used', 'mine']);
  });

  test('of Pods that still run are named before the Pods are removed', async () => {
    const { leftovers } = await networkNamespaces.find(machine(), { ...context, afterCleanup: false });
    expect(leftovers.map(({ name }) => name)).toEqual(['/run/netns/cni-unused', '/run/netns/cni-used']);
  });
});
