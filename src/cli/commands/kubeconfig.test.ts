import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';

import { createMemoryHost } from '../../host/memory/index.ts';
import type { Kubeconfig } from '../../kubeconfig/kubeconfig.ts';
import { parseKubeconfig } from '../../kubeconfig/parse.ts';
import { configuration, run } from '../command.fixture.ts';

const file = '/root/kubeadm.yaml';
const endpoint = configuration.replace(
  'kubernetesVersion:',
  'controlPlaneEndpoint: cluster.example:8443\nclusterName: blue\nkubernetesVersion:',
);

async function machineWithCA() {
  const host = createMemoryHost({ files: { [file]: endpoint } });
  expect((await run(host, ['init', 'phase', 'certs', 'ca', '--config', file])).code).toBe(0);
  return host;
}

async function user(...argv: string[]) {
  const host = await machineWithCA();
  const before = host.snapshot();
  const result = await run(host, ['kubeconfig', 'user', '--config', file, ...argv]);
  expect(host.snapshot()).toEqual(before);
  return { ...result, host, ca: new X509Certificate(before['/etc/kubernetes/pki/ca.crt']?.text ?? '') };
}

function certificateOf(config: Kubeconfig): X509Certificate {
  return new X509Certificate(config.users[0]?.clientCertificateData ?? '');
}

describe('kubeconfig user', () => {
  test('prints a kubeconfig with a certificate that the CA has signed, and an empty line', async () => {
    const { code, stderr, stdout, ca, host } = await user(
      ...['--client-name', 'dev', '--org', 'a,b', '--org', 'c', '--validity-period', '36h'],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.endsWith('\n\n')).toBe(true);
    const config = parseKubeconfig(stdout, 'stdout');
    expect(config).toMatchObject({
      currentContext: 'dev@blue',
      contexts: [{ name: 'dev@blue', cluster: 'blue', user: 'dev' }],
      clusters: [{ name: 'blue', server: 'https://cluster.example:8443' }],
      users: [{ name: 'dev' }],
    });
    expect(new X509Certificate(config.clusters[0]?.certificateAuthorityData ?? '').raw).toEqual(ca.raw);
    const certificate = certificateOf(config);
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(config.users[0]?.clientKeyData ?? ''))).toBe(true);
    expect(certificate.subject.split('\n').sort()).toEqual(['CN=dev', 'O=a + O=b + O=c']);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(certificate.validFrom).toBe(ca.validFrom);
    const until = Math.floor(host.clock.now().getTime() / 1000) * 1000 + 36 * 3_600_000;
    expect(Math.abs(Date.parse(certificate.validTo) - until)).toBeLessThanOrEqual(1000);
  });

  test('makes no key for a user with a token', async () => {
    const { code, stdout } = await user('--client-name', 'robot', '--token', 'secret-token');
    expect(code).toBe(0);
    expect(parseKubeconfig(stdout, 'stdout').users).toEqual([{ name: 'robot', token: 'secret-token' }]);
  });

  test('warns of a certificate that is valid for longer than those of kubeadm', async () => {
    const { code, stderr } = await user('--client-name', 'dev', '--validity-period', '8760h1s');
    expect(code).toBe(0);
    expect(stderr).toContain('8760h0m1s is longer than the default, 8760h0m0s');
    expect((await user('--client-name', 'dev')).stderr).toBe('');
  });

  test.each([
    [[], 'required flag(s) "client-name" not set'],
    [['--client-name', ''], 'the name of the user is empty'],
    [['--client-name', 'dev', '--validity-period', '0'], 'the validity period 0s is not'],
    [['--client-name', 'dev', '--validity-period=-1h'], 'the validity period -1h0m0s is not'],
    [['--client-name', 'dev', '--validity-period', 'long'], 'invalid duration'],
  ])('refuses %j', async (argv, message) => {
    const { code, stdout, stderr } = await user(...argv);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
  });

  test.each([[['--client-name', 'dev']], [['--client-name', 'dev', '--token', 'x']]])(
    'needs the key of the CA: %j',
    async (argv) => {
      const host = await machineWithCA();
      await host.files.removeTree('/etc/kubernetes/pki/ca.key');
      const { code, stdout, stderr } = await run(host, ['kubeconfig', 'user', '--config', file, ...argv]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain('/etc/kubernetes/pki/ca.key');
    },
  );
});
