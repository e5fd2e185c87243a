import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';

import { createMemoryHost } from '../../../host/memory/index.ts';
import { parseKubeconfig } from '../../../kubeconfig/parse.ts';
import { configuration, run } from '../../command.fixture.ts';
import { configFile } from './certs.fixture.ts';

const folders = ['--cert-dir', '/root/pki', '--kubeconfig-dir', '/root/conf'];
const generate = ['certs', 'generate-csr', '--config', configFile];
const machine = () => createMemoryHost({ files: { [configFile]: configuration } });

const certificates = [
  ...['apiserver', 'apiserver-kubelet-client', 'front-proxy-client', 'etcd/server', 'etcd/peer'],
  ...['etcd/healthcheck-client', 'apiserver-etcd-client'],
];
const kubeconfigs = ['admin', 'super-admin', 'kubelet', 'controller-manager', 'scheduler'];

describe('certs generate-csr', () => {
  test('makes keys, requests and kubeconfig files, and lists them', async () => {
    const host = machine();
    const before = Object.keys(host.snapshot());
    const { code, stderr, stdout } = await run(host, [...generate, ...folders]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'generating keys and CSRs in /root/pki',
      ...certificates.map((name) => `  ${name}`),
      'generating keys and CSRs in /root/conf',
      ...kubeconfigs.map((name) => `  ${name}.conf`),
      '',
    ]);
    const files = host.snapshot();
    const made = Object.keys(files).filter((path) => !path.endsWith('/') && !before.includes(path));
    expect(made.sort()).toEqual(
      [
        ...certificates.flatMap((name) => [`/root/pki/${name}.csr`, `/root/pki/${name}.key`]),
        ...kubeconfigs.flatMap((name) => [`/root/conf/${name}.conf`, `/root/conf/${name}.conf.csr`]),
      ].sort(),
    );
    for (const path of made) expect(files[path]?.mode, path).toBe(0o600);
    const path = '/root/conf/admin.conf';
    const { clusters, users } = parseKubeconfig(files[path]?.text ?? '', path);
    expect(clusters).toEqual([{ name: 'kubernetes', server: 'https://10.88.0.10:6443' }]);
    expect(users).toEqual([{ name: 'kubernetes-admin', clientKeyData: expect.any(String) }]);
    expect(createPrivateKey(users[0]?.clientKeyData ?? '').asymmetricKeyType).toBe('ec');
  });

  test('writes to the certificatesDir of the configuration, and to /etc/kubernetes', async () => {
    const host = machine();
    await host.files.write(configFile, `${configuration}certificatesDir: /srv/pki\n`, { mode: 0o600 });
    expect((await run(host, generate)).code).toBe(0);
    const files = host.snapshot();
    expect(files['/srv/pki/apiserver.csr']).toBeDefined();
    expect(files['/etc/kubernetes/admin.conf.csr']).toBeDefined();
  });

  test('needs neither a configuration nor a network', async () => {
    const host = createMemoryHost();
    const { code, stderr } = await run(host, ['certs', 'generate-csr', ...folders]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.each([
    '/root/pki/etcd/peer.key',
    '/root/pki/etcd/peer.csr',
    '/root/conf/scheduler.conf',
    '/root/conf/scheduler.conf.csr',
    '/root/conf/scheduler.conf.key',
  ])('writes nothing if %s exists', async (path) => {
    const host = machine();
    await host.files.write(path, 'mine', { mode: 0o600, directoryMode: 0o700 });
    const before = host.snapshot();
    const { code, stderr, stdout } = await run(host, [...generate, ...folders]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`file already exists: ${path}\n`);
    expect(host.snapshot()).toEqual(before);
  });

  test('writes nothing if a file stands in the place of a folder', async () => {
    const host = machine();
    await host.files.write('/root/pki/etcd', 'mine', { mode: 0o600, directoryMode: 0o700 });
    const before = host.snapshot();
    const { code, stderr, stdout } = await run(host, [...generate, ...folders]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('not a directory: /root/pki/etcd\n');
    expect(host.snapshot()).toEqual(before);
  });
});
