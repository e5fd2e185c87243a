import { describe, expect, test } from 'vitest';
import { KubeApiError } from '../../errors.ts';
import { adminKubeconfig } from '../../kubeconfig/kubeconfig.fixture.ts';
import {
  deleted,
  forced,
  inIt,
  machine,
  manifest,
  manifestPath,
  member,
  tls,
} from './remove-etcd-member.fixture.ts';
import { removeEtcdMember } from './remove-etcd-member.ts';
import { inCluster, resetInput, runPhase } from './reset.fixture.ts';

describe('reset remove-etcd-member', () => {
  test('takes this member out of a larger cluster, then deletes its data', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    const { lines } = await runPhase(removeEtcdMember, host, inIt());
    expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
    expect(lines).toEqual([deleted('/data/etcd')]);
    expect(host.snapshot('/data')).toEqual({ '/data/etcd/': expect.anything() });
    expect(host.snapshot('/var/lib/etcd')['/var/lib/etcd/member/snap/db']).toBeDefined();
    expect(host.gate.writes.map(({ kind }) => kind).indexOf('etcd')).toBe(0);
  });

  test('reads the certificates from the folder that the manifest of etcd names', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')], {
      files: {
        [manifestPath]: manifest('a=https://10.0.0.5:2380,b=https://10.0.0.6:2380').replace(
          '    - etcd\n',
          '    - etcd\n    - --trusted-ca-file=/opt/pki/etcd/ca.crt\n',
        ),
        ...Object.fromEntries(
          Object.entries(tls).map(([path, text]) => [path.replace('/etc/kubernetes/pki', '/opt/pki'), text]),
        ),
      },
    });
    for (const path of Object.keys(tls)) await host.files.remove(path);
    const { lines } = await runPhase(removeEtcdMember, host, resetInput());
    expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
    expect(lines.at(-1)).toBe(deleted('/data/etcd'));
  });

  test('leaves the last member in, and deletes its data', async () => {
    const host = machine([member('a', '10.0.0.5')]);
    const { lines } = await runPhase(removeEtcdMember, host, inIt());
    expect(host.etcdCluster.members.size).toBe(1);
    expect(lines).toEqual([deleted('/data/etcd')]);
  });

  test('is content when the member is gone already', async () => {
    const host = machine([member('b', '10.0.0.6'), member('c', '10.0.0.7')]);
    const { lines } = await runPhase(removeEtcdMember, host, inIt());
    expect(host.etcdCluster.members.size).toBe(2);
    expect(lines).toEqual([deleted('/data/etcd')]);
  });

  test('keeps everything when etcd does not answer in time and other members are known', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    host.etcdCluster.reachable = false;
    const { error } = await runPhase(removeEtcdMember, host, inIt());
    expect(error).toMatchObject({
      code: 'etcd',
      hint: expect.stringMatching(/https:\/\/10\.0\.0\.6:2379.*etcdctl member remove.*--force/),
      details: { others: ['https://10.0.0.6:2379'] },
    });
    expect(host.clock.monotonic()).toBe(120_000);
    expect(host.gate.writes).toEqual([]);
  });

  test('with force warns of the member that is left, and deletes the data all the same', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    host.etcdCluster.reachable = false;
    const { error, lines } = await runPhase(removeEtcdMember, host, forced(inIt()));
    expect(error).toBeUndefined();
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(/^warning .*10\.0\.0\.6.*etcdctl member remove/),
      deleted('/data/etcd'),
    ]);
  });

  test('keeps the certificates when the data is gone already and others count the member', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    await host.files.removeContents('/data/etcd');
    host.etcdCluster.reachable = false;
    expect((await runPhase(removeEtcdMember, host, inIt())).error).toMatchObject({ code: 'etcd' });
  });

  test('is found by an address of this machine when its manifests are deleted', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    const input = resetInput({ cluster: { ...inCluster(adminKubeconfig), advertiseAddress: '' } });
    const { error } = await runPhase(removeEtcdMember, host, input);
    expect(error).toBeUndefined();
    expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
  });

  test('without the cluster asks the endpoints of its own manifest', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')], {
      files: { [manifestPath]: manifest('a=https://10.0.0.5:2380') },
    });
    const { lines } = await runPhase(removeEtcdMember, host, resetInput());
    expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
    expect(lines).toEqual([expect.stringMatching(/no kubeadm config/), deleted('/data/etcd')]);
    expect(host.api.requests).toEqual([]);
  });

  test('without the cluster and without its own member asks those that it joined', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')], {
      files: { [manifestPath]: manifest('b=https://10.0.0.6:2380,a=https://10.0.0.5:2380') },
    });
    for (const url of ['https://10.0.0.5:2379', 'https://127.0.0.1:2379'])
      host.etcdCluster.unreachable.add(url);
    await runPhase(removeEtcdMember, host, resetInput());
    expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
  });

  test('without the cluster keeps everything when its manifest names others that do not answer', async () => {
    const host = machine([], {
      files: { [manifestPath]: manifest('b=https://10.0.0.6:2380,a=https://10.0.0.5:2380') },
    });
    host.etcdCluster.reachable = false;
    const { error } = await runPhase(removeEtcdMember, host, resetInput());
    expect(error).toMatchObject({ code: 'etcd', details: { others: ['https://10.0.0.6:2380'] } });
    expect(host.clock.monotonic()).toBe(120_000);
    expect(host.gate.writes).toEqual([]);
  });

  test('a broken single node is emptied, and the member that may be left is named', async () => {
    const host = machine([], { files: { [manifestPath]: manifest('a=https://10.0.0.5:2380') } });
    host.etcdCluster.reachable = false;
    const { error, lines } = await runPhase(removeEtcdMember, host, resetInput());
    expect(error).toBeUndefined();
    expect(host.clock.monotonic()).toBe(5000);
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(/^warning .*if the cluster has other etcd members.*etcdctl/),
      deleted('/data/etcd'),
    ]);
  });

  test('asks a busy API server for the Pods of etcd again', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    host.api.intercept = ({ kind }) =>
      kind === 'Pod' && host.clock.monotonic() < 30_000
        ? new KubeApiError(429, 'TooManyRequests', 'try again')
        : undefined;
    const { error } = await runPhase(removeEtcdMember, host, inIt());
    expect(error).toBeUndefined();
    expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
  });

  test('takes the endpoints of its manifest when no Pod names one in time', async () => {
    const host = machine([], { files: { [manifestPath]: manifest('a=https://10.0.0.5:2380') } });
    for (const one of [member('a', '10.0.0.5'), member('b', '10.0.0.6')]) {
      host.etcdCluster.members.set(one.id, one);
    }
    const { lines } = await runPhase(removeEtcdMember, host, inIt());
    expect(host.clock.monotonic()).toBe(60_000);
    expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
    expect(lines).toEqual([expect.stringMatching(/^warning .*0 of 0 etcd Pods/), deleted('/data/etcd')]);
  });

  test('tries the removal again', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    let calls = 0;
    const connect = host.etcd;
    const flaky = {
      ...host,
      etcd: (...args: Parameters<typeof connect>) => {
        const client = connect(...args);
        return {
          ...client,
          memberRemove: async (id: string) => {
            calls += 1;
            if (calls < 3) await connect(['x']).memberRemove('missing');
            return client.memberRemove(id);
          },
        };
      },
    };
    await runPhase(removeEtcdMember, flaky, inIt());
    expect(calls).toBe(3);
    expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
    expect(host.clock.monotonic()).toBe(100);
  });
});
