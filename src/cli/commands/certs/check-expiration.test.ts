import { describe, expect, test } from 'vitest';

import { createMemoryHost } from '../../../host/memory/index.ts';
import { run } from '../../command.fixture.ts';
import { configFile, controlPlane } from './certs.fixture.ts';

const check = ['certs', 'check-expiration'];
const pki = '/etc/kubernetes/pki';

describe('certs check-expiration', () => {
  test('shows certificates and authorities in two tables', async () => {
    const host = await controlPlane();
    await host.files.remove(`${pki}/etcd/ca.key`);
    await host.files.remove('/etc/kubernetes/super-admin.conf');
    const before = host.snapshot();
    await host.clock.sleep(60_000);
    const { code, stderr, stdout } = await run(host, [...check, '--config', configFile]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'CERTIFICATE                  EXPIRES                  RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED',
        'admin.conf                   Jan 02, 2027 03:04 UTC   364d            ca                      no      ',
        'apiserver                    Jan 02, 2027 03:04 UTC   364d            ca                      no      ',
        'apiserver-etcd-client        Jan 02, 2027 03:04 UTC   364d            etcd-ca                 yes     ',
        'apiserver-kubelet-client     Jan 02, 2027 03:04 UTC   364d            ca                      no      ',
        'controller-manager.conf      Jan 02, 2027 03:04 UTC   364d            ca                      no      ',
        'etcd-healthcheck-client      Jan 02, 2027 03:04 UTC   364d            etcd-ca                 yes     ',
        'etcd-peer                    Jan 02, 2027 03:04 UTC   364d            etcd-ca                 yes     ',
        'etcd-server                  Jan 02, 2027 03:04 UTC   364d            etcd-ca                 yes     ',
        'front-proxy-client           Jan 02, 2027 03:04 UTC   364d            ca                      no      '.replace(
          'ca            ',
          'front-proxy-ca',
        ),
        'scheduler.conf               Jan 02, 2027 03:04 UTC   364d            ca                      no      ',
        '!MISSING! super-admin.conf                                                                    ',
        '',
        'CERTIFICATE AUTHORITY   EXPIRES                  RESIDUAL TIME   EXTERNALLY MANAGED',
        'ca                      Dec 31, 2035 03:04 UTC   9y              no      ',
        'etcd-ca                 Dec 31, 2035 03:04 UTC   9y              yes     ',
        'front-proxy-ca          Dec 31, 2035 03:04 UTC   9y              no      ',
        '',
      ].join('\n'),
    );
    expect(host.snapshot()).toEqual(before);
  });

  test('prints only an object on stdout, also if the cluster does not answer', async () => {
    const host = await controlPlane();
    await host.files.remove(`${pki}/apiserver.crt`);
    const { code, stderr, stdout } = await run(host, [...check, '-o', 'json']);
    expect(code).toBe(0);
    expect(stderr).toContain('connection refused');
    const info = JSON.parse(stdout);
    expect(info).toMatchObject({
      kind: 'CertificateExpirationInfo',
      apiVersion: 'output.kubeadm.k8s.io/v1alpha3',
    });
    expect(info.certificates).toHaveLength(11);
    expect(info.certificates[0]).toEqual({
      name: 'admin.conf',
      expirationDate: '2027-01-02T03:04:05Z',
      residualTime: expect.any(Number),
      externallyManaged: false,
      caName: 'ca',
      missing: false,
    });
    expect(info.certificates[1]).toEqual({
      name: 'apiserver',
      expirationDate: null,
      residualTime: 0,
      externallyManaged: false,
      missing: true,
    });
    expect((await run(host, [...check, '-o', 'yaml'])).stdout).toMatch(/^apiVersion: output/);
    expect((await run(host, check)).stdout).toContain(
      'Falling back to default configuration\n\nCERTIFICATE ',
    );
  });

  test('shows expired certificates, and warns only of an expired authority', async () => {
    const host = await controlPlane();
    await host.clock.sleep(11 * 365 * 86_400_000);
    const { code, stderr, stdout } = await run(host, [...check, '--config', configFile]);
    expect(code).toBe(0);
    expect(stdout.match(/<invalid>/g)).toHaveLength(14);
    expect(stderr.match(/warning: .* has expired at /g)).toHaveLength(3);
    expect(stderr).toContain(`the certificate ${pki}/etcd/ca.crt has expired at 2035-12-31T03:04:05.000Z`);
  });

  test('shows every certificate as missing on an empty machine', async () => {
    const { code, stdout } = await run(createMemoryHost(), check);
    expect(code).toBe(0);
    expect(stdout.match(/!MISSING! /g)).toHaveLength(14);
  });

  test('refuses an unknown format before it asks the cluster', async () => {
    const host = await controlPlane();
    const { code, stderr, stdout } = await run(host, [...check, '-o', 'xml']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('allowed formats are: go-template,go-template-file,json,');
    expect(host.api.requests).toEqual([]);
  });

  test('names a file that cannot be read', async () => {
    const host = await controlPlane();
    await host.files.write(`${pki}/etcd/peer.crt`, 'broken', { mode: 0o644 });
    const { code, stderr } = await run(host, [...check, '--config', configFile]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${pki}/etcd/peer.crt: holds no PEM certificate`);
    expect(stderr).toContain('`kubeadm init phase certs etcd-peer`');
  });
});
