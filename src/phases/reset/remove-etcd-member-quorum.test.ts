import { describe, expect, test } from 'vitest';
import { EtcdError } from '../../errors.ts';
import { adminKubeconfig } from '../../kubeconfig/kubeconfig.fixture.ts';
import {
  after,
  deleted,
  forced,
  inIt,
  machine,
  manifest,
  manifestPath,
  member,
} from './remove-etcd-member.fixture.ts';
import { removeEtcdMember } from './remove-etcd-member.ts';
import { resetInput, runPhase } from './reset.fixture.ts';

describe('reset remove-etcd-member, in a cluster with other members,', () => {
  describe('looks at the quorum before the removal, and', () => {
    const three = () => machine([member('a', '10.0.0.5'), member('b', '10.0.0.6'), member('c', '10.0.0.7')]);

    test('refuses a removal that would lose it, with the members that must come back', async () => {
      const host = three();
      host.etcdCluster.unreachable.add('https://10.0.0.7:2379');
      const { error } = await runPhase(removeEtcdMember, host, inIt());
      expect(error).toMatchObject({
        code: 'etcd',
        message: expect.stringMatching(
          /without this member 2 of 2 voting members must be healthy, and 1 is; .*10\.0\.0\.7/,
        ),
        hint: expect.stringMatching(/'etcdctl member remove c' \(c\).*run reset again.*--force/),
        details: { memberId: 'a' },
      });
      expect(host.etcdCluster.members.size).toBe(3);
      expect(host.gate.writes).toEqual([]);
    });

    test('waits for a member that restarts', async () => {
      const host = three();
      host.etcdCluster.unreachable.add('https://10.0.0.7:2379');
      const healed = after(host, 30_000, () => host.etcdCluster.unreachable.clear());
      const { error } = await runPhase(removeEtcdMember, healed, inIt());
      expect(error).toBeUndefined();
      expect([...host.etcdCluster.members.keys()]).toEqual(['b', 'c']);
    });

    test('with force removes the member all the same', async () => {
      const host = three();
      host.etcdCluster.unreachable.add('https://10.0.0.7:2379');
      const { error } = await runPhase(removeEtcdMember, host, forced(inIt()));
      expect(error).toBeUndefined();
      expect([...host.etcdCluster.members.keys()]).toEqual(['b', 'c']);
    });

    test('removes a member whose own etcd does not run', async () => {
      const host = three();
      host.etcdCluster.unreachable.add('https://10.0.0.5:2379');
      const { error } = await runPhase(removeEtcdMember, host, inIt());
      expect(error).toBeUndefined();
      expect([...host.etcdCluster.members.keys()]).toEqual(['b', 'c']);
    });

    test('removes a member from others that have no space left, which still vote', async () => {
      const host = three();
      for (const url of ['https://10.0.0.6:2379', 'https://10.0.0.7:2379'])
        host.etcdCluster.errors.set(url, ['memberID:1 alarm:NOSPACE']);
      const { error } = await runPhase(removeEtcdMember, host, inIt());
      expect(error).toBeUndefined();
      expect([...host.etcdCluster.members.keys()]).toEqual(['b', 'c']);
    });

    test('refuses to leave only learners behind', async () => {
      const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6', { isLearner: true })]);
      const { error } = await runPhase(removeEtcdMember, host, inIt());
      expect(error).toMatchObject({ code: 'etcd', message: expect.stringMatching(/only learners/) });
      expect(host.etcdCluster.members.size).toBe(2);
    });
  });

  test('removes a learner of this node that has never started', async () => {
    const host = machine([member('b', '10.0.0.6')], {
      files: {
        '/etc/kubernetes/manifests/kube-apiserver.yaml':
          'spec: {containers: [{command: [kube-apiserver, --advertise-address=10.0.0.5]}]}\n',
      },
    });
    host.etcdCluster.members.set('a', member('a', '10.0.0.5', { name: '', clientURLs: [], isLearner: true }));
    host.etcdCluster.unreachable.add('https://10.0.0.6:2379');
    const { error: kept } = await runPhase(removeEtcdMember, host, inIt());
    expect(kept).toMatchObject({ code: 'etcd' });
    host.etcdCluster.unreachable.clear();
    const { error } = await runPhase(removeEtcdMember, host, inIt());
    expect(error).toBeUndefined();
    expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
  });

  test('counts as the last member beside a learner that has never started', async () => {
    const host = machine([member('a', '10.0.0.5')]);
    host.etcdCluster.members.set('b', member('b', '10.0.0.6', { name: '', clientURLs: [], isLearner: true }));
    const { error, lines } = await runPhase(removeEtcdMember, host, inIt());
    expect(error).toBeUndefined();
    expect(lines).toEqual([deleted('/data/etcd')]);
  });

  test('learns the others from its own etcd when etcd has lost its quorum', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')], {
      files: { [manifestPath]: manifest('a=https://10.0.0.5:2380') },
    });
    host.etcdCluster.hasQuorum = false;
    const { error } = await runPhase(removeEtcdMember, host, resetInput());
    expect(error).toMatchObject({ code: 'etcd', details: { others: ['https://10.0.0.6:2380'] } });
    expect(host.gate.writes).toEqual([]);
  });

  test('asks a cluster that was silent again before it gives up', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')], {
      files: { [manifestPath]: manifest('a=https://10.0.0.5:2380') },
    });
    for (const url of ['https://10.0.0.5:2379', 'https://127.0.0.1:2379'])
      host.etcdCluster.unreachable.add(url);
    host.api.reachable = false;
    const healed = after(host, 20_000, () => {
      host.api.reachable = true;
    });
    const input = resetInput({ silentCluster: adminKubeconfig });
    const { error } = await runPhase(removeEtcdMember, healed, input);
    expect(error).toBeUndefined();
    expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
  });

  test('names the id of a member that etcd refuses to remove', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    const etcd: typeof host.etcd = (...given) => ({
      ...host.etcd(...given),
      memberRemove: async () => {
        throw new EtcdError('unavailable', 'etcdserver: unhealthy cluster');
      },
    });
    const { error } = await runPhase(removeEtcdMember, { ...host, etcd }, inIt());
    expect(error).toMatchObject({
      hint: expect.stringContaining('etcdctl member remove a'),
      details: { memberId: 'a', others: ['https://10.0.0.6:2380'] },
    });
  });
});
