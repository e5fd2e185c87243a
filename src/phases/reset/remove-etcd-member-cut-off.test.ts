import { describe, expect, test } from 'vitest';
import { KubeadmError } from '../../errors.ts';
import { createMemoryHost, type MemoryHost } from '../../host/memory/index.ts';
import type { JoinRecord } from '../../run-record/record.ts';
import { recordRun } from './record-run.ts';
import {
  data,
  deleted,
  inIt,
  machine,
  manifest,
  manifestPath,
  member,
  tls,
} from './remove-etcd-member.fixture.ts';
import { removeEtcdMember } from './remove-etcd-member.ts';
import { resetInput, runPhase } from './reset.fixture.ts';

describe('reset remove-etcd-member, cut off or interrupted,', () => {
  test('deletes nothing when it is interrupted, and goes on from there', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    const stop = new AbortController();
    const reason = new KubeadmError('interrupted', 'by SIGTERM');
    host.gate.onWrite(({ kind }) => kind === 'etcd' && stop.abort(reason));
    const { error, lines } = await runPhase(removeEtcdMember, host, inIt(), stop.signal);
    expect(error).toBe(reason);
    expect(lines).toEqual([]);
    expect(host.etcdCluster.members.size).toBe(1);
    expect(host.snapshot('/data')['/data/etcd/member/snap/db']).toBeDefined();
    expect((await runPhase(removeEtcdMember, host, inIt())).lines).toEqual([deleted('/data/etcd')]);
  });

  test('does not warn of a member that is left because of an interruption', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    const stop = new AbortController();
    const reason = new KubeadmError('interrupted', 'by SIGTERM');
    host.api.intercept = () => {
      stop.abort(reason);
      return reason;
    };
    const { error, lines } = await runPhase(removeEtcdMember, host, inIt(), stop.signal);
    expect(error).toBe(reason);
    expect(lines).toEqual([]);
    expect(host.gate.writes).toEqual([]);
  });

  test('goes on from a reset that was cut off after it had removed the manifest', async () => {
    const host = createMemoryHost({ files: data });
    const unfinished = {
      command: 'reset',
      startedAt: '',
      certificatesDir: '/etc/kubernetes/pki',
      fingerprints: {},
      rootless: false,
      etcdDataDir: '/data/etcd',
    } as const;
    const { lines } = await runPhase(removeEtcdMember, host, resetInput({ unfinished }));
    expect(lines.at(-1)).toBe(deleted('/data/etcd'));
  });

  describe('after a reset that was cut off', () => {
    const recordPath = '/var/lib/kubeadm/unfinished-run.json';
    const record = {
      command: 'reset',
      startedAt: '2026-01-02T03:04:05Z',
      certificatesDir: '/etc/kubernetes/pki',
      fingerprints: {},
      rootless: false,
      etcdDataDir: '/data/etcd',
    } as const;
    const etcdMember = {
      id: 'a',
      peerURLs: ['https://10.0.0.5:2380'],
      endpoints: ['https://10.0.0.5:2379', 'https://10.0.0.6:2379'],
      certificatesDir: '/etc/kubernetes/pki',
    };
    const recorded = { [recordPath]: JSON.stringify({ format: 2, ...record }) };
    const readRecorded = async (host: MemoryHost): Promise<unknown> =>
      JSON.parse(await host.files.readText(recordPath));

    test('the record holds the member until it is gone', async () => {
      const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')], { files: recorded });
      const seen: unknown[] = [];
      const { memberRemove } = host.etcd(['https://10.0.0.6:2379']);
      const etcd: typeof host.etcd = (...asked) => ({
        ...host.etcd(...asked),
        memberRemove: async (id) => {
          seen.push(await readRecorded(host));
          return await memberRemove(id);
        },
      });
      const { error } = await runPhase(removeEtcdMember, { ...host, etcd }, inIt());
      expect(error).toBeUndefined();
      expect(seen).toEqual([{ format: 2, ...record, etcdMember }]);
      expect(await readRecorded(host)).toEqual({
        format: 2,
        ...record,
        etcdMemberGone: true,
        emptiedEtcdDataDir: '/data/etcd',
      });
    });

    test('the member is removed by what the record holds when its manifest is deleted', async () => {
      const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
      host.etcdCluster.unreachable.add('https://10.0.0.5:2379');
      const input = resetInput({ unfinished: { ...record, etcdMember } });
      const { error } = await runPhase(removeEtcdMember, host, input);
      expect(error).toBeUndefined();
      expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
    });

    test('everything is kept if etcd does not answer and the record names other members', async () => {
      const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
      host.etcdCluster.reachable = false;
      const input = resetInput({ unfinished: { ...record, etcdMember } });
      const { error } = await runPhase(removeEtcdMember, host, input);
      expect(error).toMatchObject({ code: 'etcd', details: { others: ['https://10.0.0.6:2379'] } });
      expect(host.gate.writes).toEqual([]);
    });

    test('a member with its address and another id belongs to somebody else and is kept', async () => {
      const host = machine([member('b', '10.0.0.6'), member('c', '10.0.0.5')]);
      const input = resetInput({ unfinished: { ...record, etcdMember } });
      const { error } = await runPhase(removeEtcdMember, host, input);
      expect(error).toBeUndefined();
      expect([...host.etcdCluster.members.keys()]).toEqual(['b', 'c']);
    });

    test('a member that is gone is not asked for, and is not warned of', async () => {
      const host = machine([member('b', '10.0.0.6')], {
        files: { [manifestPath]: manifest('b=https://10.0.0.6:2380,a=https://10.0.0.5:2380') },
      });
      host.etcdCluster.reachable = false;
      const input = inIt();
      const { error, lines } = await runPhase(removeEtcdMember, host, {
        ...input,
        unfinished: { ...record, etcdMemberGone: true },
      });
      expect(error).toBeUndefined();
      expect(lines).toEqual([deleted('/data/etcd')]);
      expect(host.clock.monotonic()).toBe(0);
    });

    test('the next try keeps what the record holds of the member', async () => {
      for (const known of [
        { etcdMember },
        { etcdMemberGone: true, emptiedEtcdDataDir: '/data/etcd' },
      ] as const) {
        const host = machine([], { files: recorded });
        await runPhase(recordRun, host, resetInput({ unfinished: { ...record, ...known } }));
        expect(await readRecorded(host)).toMatchObject(known);
      }
    });
  });

  describe('after a join that was cut off', () => {
    const unfinishedJoin: JoinRecord = {
      command: 'join',
      startedAt: '2026-01-02T03:04:05Z',
      certificatesDir: '/opt/pki',
      nodeName: 'a',
      controlPlane: true,
      etcdMember: {
        peerURLs: ['https://10.0.0.5:2380'],
        endpoints: ['https://10.0.0.6:2379'],
        certificatesDir: '/opt/pki',
      },
      etcdDataDir: '/data/etcd',
      fingerprints: {},
    };
    const certificates = Object.fromEntries(
      Object.entries(tls).map(([path, text]) => [path.replace('/etc/kubernetes/pki', '/opt/pki'), text]),
    );
    const learner = member('a', '10.0.0.5', { name: '', clientURLs: [], isLearner: true });
    const cutOff = async () => {
      const host = machine([learner, member('b', '10.0.0.6')], { files: certificates });
      for (const path of Object.keys(tls)) await host.files.remove(path);
      return host;
    };

    test('the member is removed without a manifest and without the API server', async () => {
      const host = await cutOff();
      const { error, lines } = await runPhase(removeEtcdMember, host, resetInput({ unfinishedJoin }));
      expect(error).toBeUndefined();
      expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
      expect(lines.at(-1)).toBe(deleted('/data/etcd'));
    });

    test('everything is kept if etcd does not answer', async () => {
      const host = await cutOff();
      host.etcdCluster.reachable = false;
      const writes = host.gate.writes.length;
      const { error } = await runPhase(removeEtcdMember, host, resetInput({ unfinishedJoin }));
      expect(error).toMatchObject({ code: 'etcd', details: { others: ['https://10.0.0.6:2379'] } });
      expect(host.gate.writes).toHaveLength(writes);
    });

    test('the record of the reset takes over the member and the directory of its data', async () => {
      const host = machine([]);
      await runPhase(recordRun, host, resetInput({ unfinishedJoin }));
      const { etcdDataDir, etcdMember } = unfinishedJoin;
      const written: unknown = JSON.parse(await host.files.readText('/var/lib/kubeadm/unfinished-run.json'));
      expect(written).toMatchObject({ command: 'reset', etcdDataDir, etcdMember });
    });
  });
});
