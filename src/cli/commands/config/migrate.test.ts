import { describe, expect, test } from 'vitest';

import { createMemoryHost } from '../../../host/memory/index.ts';
import { run } from '../../command.fixture.ts';

const old = `apiVersion: kubeadm.k8s.io/v1beta3
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: 10.0.0.5 }
`;
const machine = () => createMemoryHost({ files: { '/root/old.yaml': old } });
const migrate = ['config', 'migrate', '--old-config', '/root/old.yaml'];

describe('config migrate', () => {
  test('writes a file that only root can read, because it has a token', async () => {
    const host = machine();
    const { code, stdout } = await run(host, [...migrate, '--new-config', '/root/new.yaml']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const written = host.snapshot('/root')['/root/new.yaml'];
    expect(written?.mode).toBe(0o600);
    expect(written?.text).toMatch(/^ {2}token: [a-z0-9]{6}\.[a-z0-9]{16}$/m);
    expect(written?.text).toContain('apiVersion: kubeadm.k8s.io/v1beta4\n');
  });

  test('names the documents that it leaves out', async () => {
    const kubelet = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: 5\n';
    const kubeProxy = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n';
    const files = { '/root/old.yaml': `${old}---\n${kubelet}---\n${kubeProxy}` };
    const { code, stderr, stdout } = await run(createMemoryHost({ files }), migrate);
    expect(code).toBe(0);
    expect(stdout).not.toContain('maxPods');
    const leftOut = 'is left out of the migrated configuration; copy this document to it to keep it';
    expect(stderr).toContain(`/root/old.yaml: document 2, line 6: KubeletConfiguration ${leftOut}\n`);
    expect(stderr).toContain(`/root/old.yaml: document 3, line 10: KubeProxyConfiguration ${leftOut}\n`);
    const validated = await run(createMemoryHost({ files }), [
      'config',
      'validate',
      '--config',
      '/root/old.yaml',
    ]);
    expect(validated.stderr).not.toContain('left out');
  });

  test('prints the documents without --new-config, and requires --old-config', async () => {
    const host = machine();
    expect((await run(host, migrate)).stdout).toContain('kind: InitConfiguration\n');
    const { code, stderr } = await run(machine(), ['config', 'migrate']);
    expect(code).toBe(1);
    expect(stderr).toContain('the --old-config flag is mandatory');
  });
});
