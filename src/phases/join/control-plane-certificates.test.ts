import { beforeAll, describe, expect, test } from 'vitest';
import type { MemoryHost } from '../../host/memory/index.ts';
import { attempt, cp2, expectedFiles, members, text, written } from './attempt.fixture.ts';
import { certificateKey, controlPlaneFields, controlPlaneMachine } from './control-plane.fixture.ts';
import { createCluster, type JoinableCluster } from './machine.fixture.ts';

let cluster: JoinableCluster;
beforeAll(async () => {
  cluster = await createCluster({ certificateKey });
});

const join = async (host: MemoryHost, node = cp2) =>
  await attempt(host, { fields: controlPlaneFields(cluster, node) });

describe('the certificates of a control plane', () => {
  const shared = () =>
    Object.fromEntries(
      Object.entries(cluster.files).filter(([path]) => /\/(ca|front-proxy-ca|sa)\.(crt|key|pub)$/.test(path)),
    );

  test('can be copied to its disk instead', async () => {
    const host = await controlPlaneMachine(cluster, cp2, { files: shared() });
    const { error } = await attempt(host, { fields: controlPlaneFields(cluster, cp2, '') });
    expect(error).toBeUndefined();
    expect(written(host).toSorted()).toEqual(expectedFiles.toSorted());
    expect(host.api.requests.map(({ name }) => name)).not.toContain('kubeadm-certs');
  });

  test('are refused if a given one does not have the names of this machine, before another one is made', async () => {
    const given = ['crt', 'key'].map((kind) => `/etc/kubernetes/pki/apiserver.${kind}`);
    const files = {
      ...shared(),
      ...Object.fromEntries(given.map((path) => [path, cluster.files[path] ?? ''])),
    };
    const host = await controlPlaneMachine(cluster, cp2, { files });
    const { error } = await attempt(host, { fields: controlPlaneFields(cluster, cp2, '') });
    expect(error).toMatchObject({ code: 'certificate-invalid' });
    expect(String(error)).toContain('10.0.0.6');
    expect(written(host)).not.toContain('/etc/kubernetes/pki/front-proxy-client.crt');
    expect(members(host)).toEqual(['cp1']);
  });

  test('of an external CA must be given, and its kubeconfigs too', async () => {
    const own = await controlPlaneMachine(cluster, cp2);
    await join(own);
    const given = Object.fromEntries(
      Object.entries(own.snapshot('/etc/kubernetes')).flatMap(([path, { text: content }]) =>
        content === undefined || /manifests|kubelet\.conf|\/ca\.key$/.test(path) ? [] : [[path, content]],
      ),
    );
    const { '/etc/kubernetes/scheduler.conf': scheduler = '', ...incomplete } = given;
    const fields = controlPlaneFields(cluster, cp2, '');
    const without = await controlPlaneMachine(cluster, cp2, { files: incomplete });
    const refused = await attempt(without, { fields });
    expect(refused.error).toMatchObject({ code: 'kubeconfig-invalid' });
    expect(String(refused.error)).toContain('/etc/kubernetes/scheduler.conf is missing');

    const files = { ...incomplete, '/etc/kubernetes/scheduler.conf': scheduler };
    const host = await controlPlaneMachine(cluster, cp2, { files });
    const { error, events } = await attempt(host, { fields });
    expect(error).toBeUndefined();
    const skipped = events.flatMap((event) => (event.type === 'kubeconfig-skipped' ? event.file : []));
    expect(skipped).toEqual(['admin.conf', 'controller-manager.conf', 'scheduler.conf']);
    const manifest = text(host, '/etc/kubernetes/manifests/kube-controller-manager.yaml');
    expect(manifest).toContain('--cluster-signing-key-file=\n');
  });

  test('cannot be downloaded with another key', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    const fields = controlPlaneFields(cluster, cp2, 'f'.repeat(64));
    const { error } = await attempt(host, { fields });
    expect(error).toMatchObject({ code: 'certificate-invalid' });
    expect(error).toHaveProperty('hint', expect.stringContaining('upload-certs'));
    expect(members(host)).toEqual(['cp1']);
    expect(host.units.get('kubelet')?.active).toBe(false);
  });
});
