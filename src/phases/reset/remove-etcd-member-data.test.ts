import { describe, expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import {
  assumedExternal,
  data,
  deleted,
  external,
  forced,
  inIt,
  machine,
  manifest,
  manifestPath,
  member,
} from './remove-etcd-member.fixture.ts';
import { removeEtcdMember } from './remove-etcd-member.ts';
import { resetInput, runInDryRun, runPhase } from './reset.fixture.ts';

describe('the data of etcd in reset remove-etcd-member', () => {
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
