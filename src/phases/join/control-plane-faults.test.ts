import { beforeAll, describe, expect, test } from 'vitest';
import { etcdMember } from '../../etcd/cluster.fixture.ts';
import type { MemoryHost } from '../../host/memory/index.ts';
import { attempt, bootstrapConf, cp2, etcdManifest, members, written } from './attempt.fixture.ts';
import { certificateKey, controlPlaneFields, controlPlaneMachine } from './control-plane.fixture.ts';
import { createCluster, type JoinableCluster } from './machine.fixture.ts';

let cluster: JoinableCluster;
beforeAll(async () => {
  cluster = await createCluster({ certificateKey });
});

const join = async (host: MemoryHost, node = cp2) =>
  await attempt(host, { fields: controlPlaneFields(cluster, node) });

describe('a join that cannot succeed', () => {
  const onlyTimeout = { timeouts: { etcdAPICall: 20_000 } };

  test('removes its own learner and the manifest, so that another machine can join', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    host.gate.onWrite(({ target }) => {
      if (target.startsWith('memberAdd')) host.etcdCluster.notInSync.add('1000');
    });
    const fields = { ...controlPlaneFields(cluster, cp2), ...onlyTimeout };
    const { error, events } = await attempt(host, { fields });
    expect(error).toMatchObject({ details: { phase: 'etcd-join' } });
    expect(String(error)).toContain('in step with the leader');
    expect(events).toContainEqual(expect.objectContaining({ type: 'etcd-member-removed' }));
    expect(members(host)).toEqual(['cp1']);
    expect(written(host)).not.toContain(etcdManifest);
    expect(written(host)).not.toContain(bootstrapConf);
    host.etcdCluster.notInSync.clear();
    expect((await join(host)).error).toBeUndefined();
    expect(members(host)).toEqual(['cp1', 'cp2']);
  });

  test('adds no member to an etcd without a quorum, and says which member is missing', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    const gone = etcdMember('2', '10.0.0.8', { name: 'gone' });
    host.etcdCluster.members.set('2', gone);
    host.etcdCluster.unreachable.add('https://10.0.0.8:2379');
    const { error } = await attempt(host, {
      fields: { ...controlPlaneFields(cluster, cp2), ...onlyTimeout },
    });
    expect(error).toMatchObject({ details: { phase: 'check-etcd' } });
    expect(String(error)).toContain('https://10.0.0.8:2379');
    expect(members(host)).toEqual(['cp1', 'gone']);
  });

  test('names the command for a new certificate key when the Secret has expired, and goes on with that', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    const secret = { apiVersion: 'v1', kind: 'Secret', name: 'kubeadm-certs', namespace: 'kube-system' };
    const uploaded = host.api.get(secret);
    host.api.delete(secret);
    const { error } = await join(host);
    expect(error).toMatchObject({ code: 'certificate-missing' });
    expect(error).toHaveProperty(
      'hint',
      expect.stringContaining('kubeadm init phase upload-certs --upload-certs'),
    );
    host.api.put(uploaded);
    expect((await join(host)).error).toBeUndefined();
  });

  test('needs neither the Secret nor the token again once it has the certificates', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    host.units.set('kubelet', { enabled: true, active: false, onStart: () => undefined });
    host.gate.onWrite(({ target }) => {
      if (target.startsWith('memberAdd')) host.etcdCluster.notInSync.add('1000');
    });
    await attempt(host, { fields: { ...controlPlaneFields(cluster, cp2), ...onlyTimeout } });
    host.api.delete({ apiVersion: 'v1', kind: 'Secret', name: 'kubeadm-certs', namespace: 'kube-system' });
    const info = { apiVersion: 'v1', kind: 'ConfigMap', name: 'cluster-info', namespace: 'kube-public' };
    host.api.delete(info);
    host.etcdCluster.notInSync.clear();
    expect((await join(host)).error).toBeUndefined();
    expect(members(host)).toEqual(['cp1', 'cp2']);
  });
});
