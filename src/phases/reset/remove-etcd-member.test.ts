import { describe, expect, test } from 'vitest';
import type { EtcdMember } from '../../clients/etcd/etcd-client.ts';
import { KubeadmError } from '../../errors.ts';
import { createMemoryHost, type MemoryHostOptions } from '../../host/memory/index.ts';
import { adminKubeconfig } from '../../kubeconfig/kubeconfig.fixture.ts';
import { removeEtcdMember } from './remove-etcd-member.ts';
import { inCluster, resetInput, runPhase } from './reset.fixture.ts';

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

  test('warns when etcd does not answer in time, and deletes the data all the same', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    host.etcdCluster.reachable = false;
    const { error, lines } = await runPhase(removeEtcdMember, host, inIt());
    expect(error).toBeUndefined();
    expect(host.clock.monotonic()).toBe(120_000);
    expect(lines).toEqual([expect.stringMatching(/^warning .*etcdctl member remove/), deleted('/data/etcd')]);
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

  test('waits for the etcd Pods for the time of an API call', async () => {
    const host = machine([]);
    const { lines } = await runPhase(removeEtcdMember, host, inIt());
    expect(host.clock.monotonic()).toBe(60_000);
    expect(lines[0]).toMatch(/^warning .*0 of 0 etcd Pods/);
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

  test('finds the data without the cluster: in the manifest, or at the default', async () => {
    const manifest = 'spec:\n  volumes:\n  - name: etcd-data\n    hostPath:\n      path: /data/etcd\n';
    const path = '/etc/kubernetes/manifests/etcd.yaml';
    const host = machine([], { files: { [path]: manifest } });
    const { lines } = await runPhase(removeEtcdMember, host, resetInput());
    expect(lines).toEqual([expect.stringMatching(/^warning .*no kubeadm config/), deleted('/data/etcd')]);
    const bare = await runPhase(removeEtcdMember, machine([]), resetInput());
    expect(bare.lines.at(-1)).toBe(deleted('/var/lib/etcd'));
    const odd = await runPhase(
      removeEtcdMember,
      machine([], { files: { [path]: 'spec: {}\n' } }),
      resetInput(),
    );
    expect(odd.lines.slice(-2)).toEqual([
      '[reset] No etcd config found. Assuming external etcd',
      '[reset] Please, manually reset etcd to prevent further issues',
    ]);
  });

  test('does not touch an external etcd', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    const external = { endpoints: [], httpEndpoints: [], caFile: '', certFile: '', keyFile: '' };
    await runPhase(removeEtcdMember, host, inIt({ etcd: { external } }));
    expect(host.etcdCluster.members.size).toBe(2);
    expect(host.clock.monotonic()).toBe(0);
  });

  test('only says what it would do in a dry run', async () => {
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')]);
    const input = { ...inIt(), options: { ...inIt().options, dryRun: true } };
    const { lines } = await runPhase(removeEtcdMember, host, input);
    expect(lines).toEqual([
      '[dryrun] Would remove the etcd member on this node from the etcd cluster',
      '[dryrun] Would delete contents of the etcd data directory: /data/etcd',
    ]);
    expect(host.gate.writes).toEqual([]);
  });

  test('says in a dry run, too, that it deletes the data where the cluster cannot be asked or etcd is external', async () => {
    const external = { endpoints: [], httpEndpoints: [], caFile: '', certFile: '', keyFile: '' };
    const inputs = [resetInput(), inIt({ etcd: { external } })];
    for (const input of inputs) {
      const host = machine([]);
      const dry = { ...input, options: { ...input.options, dryRun: true } };
      expect((await runPhase(removeEtcdMember, host, dry)).lines).toEqual([
        expect.stringMatching(/^warning .*no kubeadm config/),
        '[dryrun] Would delete contents of the etcd data directory: /var/lib/etcd',
      ]);
      expect(host.gate.writes).toEqual([]);
      const { lines } = await runPhase(removeEtcdMember, host, input);
      expect(lines.at(-1)).toBe(deleted('/var/lib/etcd'));
    }
  });
});
