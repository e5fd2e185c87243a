import { describe, expect, test } from 'vitest';
import type { EtcdMember } from '../../clients/etcd/etcd-client.ts';
import { EtcdError, KubeApiError, KubeadmError } from '../../errors.ts';
import { createMemoryHost, type MemoryHost, type MemoryHostOptions } from '../../host/memory/index.ts';
import { adminKubeconfig } from '../../kubeconfig/kubeconfig.fixture.ts';
import type { JoinRecord } from '../../run-record/record.ts';
import type { ResetInput } from './input.ts';
import { recordRun } from './record-run.ts';
import { removeEtcdMember } from './remove-etcd-member.ts';
import { inCluster, resetInput, runInDryRun, runPhase } from './reset.fixture.ts';

const tls = {
  '/etc/kubernetes/pki/etcd/ca.crt': 'ca',
  '/etc/kubernetes/pki/etcd/healthcheck-client.crt': 'cert',
  '/etc/kubernetes/pki/etcd/healthcheck-client.key': 'key',
};
const data = { '/data/etcd/member/snap/db': 'x', '/var/lib/etcd/member/snap/db': 'x' };

function member(id: string, address: string, change: Partial<EtcdMember> = {}): EtcdMember {
  return {
    id,
    name: id,
    peerURLs: [`https://${address}:2380`],
    clientURLs: [`https://${address}:2379`],
    isLearner: false,
    ...change,
  };
}

function machine(members: readonly EtcdMember[], options: MemoryHostOptions = {}) {
  const host = createMemoryHost({ ...options, files: { ...tls, ...data, ...options.files } });
  for (const one of members) {
    host.etcdCluster.members.set(one.id, one);
    host.api.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `etcd-${one.id}`,
        namespace: 'kube-system',
        labels: { component: 'etcd', tier: 'control-plane' },
        annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': one.clientURLs[0] ?? '' },
      },
    });
  }
  return host;
}

const inIt = (change = {}) => resetInput({ cluster: inCluster(adminKubeconfig, change) });
const forced = (input: ResetInput) => ({ ...input, options: { ...input.options, force: true } });
const external = { endpoints: [], httpEndpoints: [], caFile: '', certFile: '', keyFile: '' };
const assumedExternal = [
  '[reset] No etcd config found. Assuming external etcd',
  '[reset] Please, manually reset etcd to prevent further issues',
];
const manifestPath = '/etc/kubernetes/manifests/etcd.yaml';
const manifest = (initialCluster: string) => `spec:
  containers:
  - command:
    - etcd
    - --advertise-client-urls=https://10.0.0.5:2379
    - --listen-client-urls=https://127.0.0.1:2379,https://10.0.0.5:2379
    - --initial-advertise-peer-urls=https://10.0.0.5:2380
    - --initial-cluster=${initialCluster}
  volumes:
  - {name: etcd-data, hostPath: {path: /data/etcd}}
`;
/** A host on which `change` happens after a time. */
function after(host: MemoryHost, milliseconds: number, change: () => void): MemoryHost {
  const sleep: typeof host.clock.sleep = async (pause, signal) => {
    await host.clock.sleep(pause, signal);
    if (host.clock.monotonic() >= milliseconds) change();
  };
  return { ...host, clock: { ...host.clock, sleep } };
}
const deleted = (directory: string) => `[reset] Deleted contents of the etcd data directory: ${directory}`;

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

  test('is found by an address of this machine when its manifests are deleted', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    const input = resetInput({ cluster: { ...inCluster(adminKubeconfig), advertiseAddress: '' } });
    const { error } = await runPhase(removeEtcdMember, host, input);
    expect(error).toBeUndefined();
    expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
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

  test('assumes an external etcd when its manifest does not name the data directory', async () => {
    const host = machine([], { files: { [manifestPath]: 'spec: {}\n' } });
    const { lines } = await runPhase(removeEtcdMember, host, resetInput());
    expect(lines.slice(-2)).toEqual(assumedExternal);
    expect(host.gate.writes).toEqual([]);
  });

  test('removes the member and keeps its data when the manifest does not name the data directory', async () => {
    const text = manifest('a=https://10.0.0.5:2380,b=https://10.0.0.6:2380').split('  volumes:')[0] ?? '';
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')], {
      files: { [manifestPath]: text },
    });
    const { error, lines } = await runPhase(removeEtcdMember, host, resetInput());
    expect(error).toBeUndefined();
    expect([...host.etcdCluster.members.keys()]).toEqual(['b']);
    expect(lines.slice(-2)).toEqual(assumedExternal);
    expect(host.snapshot('/data')['/data/etcd/member/snap/db']).toBeDefined();
  });

  test('fails before anything is deleted when the manifest of etcd cannot be read', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')], {
      files: { [manifestPath]: manifest('a=https://10.0.0.5:2380') },
    });
    host.disk.fail(manifestPath, 'EIO', 'read');
    const { error } = await runPhase(removeEtcdMember, host, inIt());
    expect(error).toMatchObject({ code: 'file', message: expect.stringContaining(manifestPath) });
    expect(host.gate.writes).toEqual([]);
    const { error: withForce, lines } = await runPhase(removeEtcdMember, host, forced(inIt()));
    expect(withForce).toBeUndefined();
    expect(lines.slice(-2)).toEqual(assumedExternal);
    expect(lines.join()).toContain('the etcd member of this node could not be removed');
  });

  test('a fault of kubeadm does not count as an external etcd', async () => {
    const host = machine([], { files: { [manifestPath]: manifest('a=https://10.0.0.5:2380') } });
    const fault = new TypeError('a fault');
    const readText = async (): Promise<string> => await Promise.reject(fault);
    const { error } = await runPhase(
      removeEtcdMember,
      { ...host, files: { ...host.files, readText } },
      inIt(),
    );
    expect(error).toBe(fault);
  });

  test('deletes the default directory when kubeadm has made certificates of a member', async () => {
    const { lines } = await runPhase(removeEtcdMember, machine([]), resetInput());
    expect(lines.at(-1)).toBe(deleted('/var/lib/etcd'));
  });

  test('keeps data of which nothing shows that kubeadm made it, with a warning', async () => {
    const host = createMemoryHost({ files: data });
    for (const input of [resetInput(), forced(resetInput())]) {
      const { error, lines } = await runPhase(removeEtcdMember, host, input);
      expect(error).toBeUndefined();
      expect(lines.at(-1)).toMatch(/^warning .*\/var\/lib\/etcd are kept.*by hand/);
    }
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
      expect(await readRecorded(host)).toEqual({ format: 2, ...record, etcdMemberGone: true });
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
      for (const known of [{ etcdMember }, { etcdMemberGone: true }] as const) {
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

  test('does not touch an external etcd, nor data in the default directory', async () => {
    const apiServer =
      "spec: {containers: [{command: [kube-apiserver, '--etcd-servers=http://127.0.0.1:2379']}]}\n";
    const files = { ...data, '/etc/kubernetes/manifests/kube-apiserver.yaml': apiServer };
    for (const input of [inIt({ etcd: { external } }), resetInput(), forced(inIt({ etcd: { external } }))]) {
      const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')], { files });
      const { lines } = await runPhase(removeEtcdMember, host, input);
      expect(lines.slice(-2)).toEqual(assumedExternal);
      expect(host.etcdCluster.members.size).toBe(2);
      expect(host.clock.monotonic()).toBe(0);
      expect(host.gate.writes).toEqual([]);
    }
  });

  test('only says what it would do in a dry run', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    const { lines } = await runInDryRun(removeEtcdMember, host, inIt());
    expect(lines).toEqual([
      '[dryrun] Would remove the etcd member a from the etcd cluster',
      '[dryrun] Would delete contents of the directory "/data/etcd"',
    ]);
    expect(host.gate.writes).toEqual([]);
  });

  test('a dry run is refused if the run would be', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    host.etcdCluster.reachable = false;
    const { error } = await runInDryRun(removeEtcdMember, host, inIt());
    expect(error).toMatchObject({ code: 'etcd', details: { others: ['https://10.0.0.6:2379'] } });
  });

  test('a dry run says as much of the data as the run itself', async () => {
    const certificatesOnly = machine([]);
    const { lines } = await runInDryRun(removeEtcdMember, certificatesOnly, resetInput());
    expect(lines.at(-1)).toBe('[dryrun] Would delete contents of the directory "/var/lib/etcd"');
    const foreign = createMemoryHost({ files: data });
    expect((await runInDryRun(removeEtcdMember, foreign, resetInput())).lines.at(-1)).toMatch(/are kept/);
    const outside = await runInDryRun(removeEtcdMember, machine([]), inIt({ etcd: { external } }));
    expect(outside.lines).toEqual(assumedExternal);
  });
});
