import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';

import { createMemoryHost, type MemoryHost } from '../../../host/memory/index.ts';
import { parseKubeconfig } from '../../../kubeconfig/parse.ts';
import { configuration, run } from '../../command.fixture.ts';
import { configFile, controlPlane } from './certs.fixture.ts';

const pki = '/etc/kubernetes/pki';
const leaves = [
  ...['apiserver', 'apiserver-etcd-client', 'apiserver-kubelet-client', 'etcd/healthcheck-client'],
  ...['etcd/peer', 'etcd/server', 'front-proxy-client'],
].map((name) => `${pki}/${name}`);
const kubeconfigs = ['admin', 'controller-manager', 'scheduler', 'super-admin'].map(
  (name) => `/etc/kubernetes/${name}.conf`,
);
const pairs = leaves.flatMap((name) => [`${name}.crt`, `${name}.key`]);

const renew = async (host: MemoryHost, ...argv: string[]) => await run(host, ['certs', 'renew', ...argv]);

/** Runs a command and returns the files that it changed. Checks that files keep their modes, and that none is new. */
async function changedBy(host: MemoryHost, ...argv: string[]) {
  const before = host.snapshot();
  const begin = host.gate.writes.length;
  const result = await renew(host, ...argv, '--config', configFile);
  const after = host.snapshot();
  expect(Object.keys(after)).toEqual(Object.keys(before));
  const written = host.gate.writes.slice(begin).filter(({ kind }) => kind === 'file');
  const changed = written.map(({ target }) => target).sort();
  for (const path of changed) expect(after[path]?.mode, path).toBe(before[path]?.mode);
  return { ...result, changed };
}

/** Checks that every certificate belongs to its key, and that its authority has signed it. */
function expectMatching(host: MemoryHost, where: string): void {
  const files = host.snapshot();
  const text = (path: string): string => files[path]?.text ?? '';
  const expectPair = (certificatePem: string, keyPem: string, authority: string): void => {
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.checkPrivateKey(createPrivateKey(keyPem)), where).toBe(true);
    expect(certificate.verify(new X509Certificate(text(authority)).publicKey), where).toBe(true);
  };
  for (const name of leaves) {
    const authority = name.includes('etcd') ? 'etcd/ca' : name.includes('front') ? 'front-proxy-ca' : 'ca';
    expectPair(text(`${name}.crt`), text(`${name}.key`), `${pki}/${authority}.crt`);
  }
  for (const path of kubeconfigs) {
    const { users } = parseKubeconfig(text(path), path);
    expectPair(users[0]?.clientCertificateData ?? '', users[0]?.clientKeyData ?? '', `${pki}/ca.crt`);
  }
}

describe('certs renew', () => {
  test('renews all certificates, and names the components to restart', async () => {
    const host = await controlPlane();
    await host.files.chmod(`${pki}/apiserver.key`, 0o640);
    const { changed, code, stderr, stdout } = await changedBy(host, 'all');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^WARNING: .*apiserver\.key holds a private key[^\n]*\n$/i);
    expect(changed).toEqual([...kubeconfigs, ...pairs].sort());
    const lines = stdout.split('\n');
    expect(lines.slice(0, 11).filter((line) => line.endsWith(' renewed'))).toHaveLength(11);
    expect(lines.slice(11)).toEqual([
      '',
      'Done renewing certificates. You must restart the kube-apiserver, kube-controller-manager, ' +
        'kube-scheduler and etcd, so that they can use the new certificates.',
      '',
    ]);
    expectMatching(host, 'all');
  });

  test.each([
    ['apiserver', [`${pki}/apiserver.crt`, `${pki}/apiserver.key`]],
    ['etcd-healthcheck-client', [`${pki}/etcd/healthcheck-client.crt`, `${pki}/etcd/healthcheck-client.key`]],
    ['super-admin.conf', ['/etc/kubernetes/super-admin.conf']],
  ])('renew %s renews only that certificate', async (name, files) => {
    const host = await controlPlane();
    const { changed, code, stdout } = await changedBy(host, name);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[^\n]+ renewed\n$/);
    expect(changed).toEqual(files);
  });

  test('renews expired certificates, with a period that begins now', async () => {
    const host = await controlPlane();
    await host.clock.sleep(2 * 365 * 86_400_000);
    expect((await renew(host, 'apiserver', '--config', configFile)).code).toBe(0);
    const { validTo } = new X509Certificate(await host.files.read(`${pki}/apiserver.crt`));
    expect(Date.parse(validTo)).toBeGreaterThan(Date.parse('2029-01-01T03:04:04Z'));
  });

  test('signs with an authority that has expired, and warns of it', async () => {
    const host = await controlPlane();
    await host.clock.sleep(11 * 365 * 86_400_000);
    const { code, stderr } = await renew(host, 'etcd-peer', '--config', configFile);
    expect(code).toBe(0);
    expect(stderr).toBe(
      `warning: the certificate ${pki}/etcd/ca.crt has expired at 2035-12-31T03:04:05.000Z\n`,
    );
  });

  test('skips missing certificates, and those of an authority whose key is not on the node', async () => {
    const host = await controlPlane();
    await host.files.remove(`${pki}/etcd/ca.key`);
    await host.files.remove(`${pki}/front-proxy-client.crt`);
    const { changed, code, stdout } = await changedBy(host, 'all');
    expect(code).toBe(0);
    expect(stdout).toContain('MISSING! client certificate of the front proxy\n');
    expect(stdout).toContain("Detected external etcd/ca, certificate for serving etcd can't be renewed\n");
    const left = [...kubeconfigs, ...pairs].filter((path) => !/etcd|front/.test(path));
    expect(changed).toEqual(left.sort());
  });

  test('leaves the certificates of an external etcd alone', async () => {
    const host = await controlPlane();
    const external =
      'etcd: {external: {endpoints: ["https://10.0.0.9:2379"], caFile: /a, certFile: /b, keyFile: /c}}';
    await host.files.write(configFile, `${configuration}${external}\n`, { mode: 0o600 });
    const one = await changedBy(host, 'etcd-server');
    expect(one).toMatchObject({ code: 0, changed: [], stdout: 'MISSING! certificate for serving etcd\n' });
    const { changed, stdout } = await changedBy(host, 'all');
    expect(changed.filter((path) => path.includes('etcd'))).toEqual([]);
    expect(stdout).not.toContain('etcd\n');
  });

  test.each([
    [`${pki}/ca.crt`, undefined, 'the certificate authority is missing'],
    [`${pki}/ca.crt`, 'x', 'holds no PEM certificate'],
    [`${pki}/ca.key`, 'x', 'holds no RSA or ECDSA private key'],
    [`${pki}/apiserver.crt`, 'x', 'holds no PEM certificate'],
  ])('names the problem if %s is %j, and writes nothing', async (path, text, problem) => {
    const host = await controlPlane();
    if (text === undefined) await host.files.remove(path);
    else await host.files.write(path, text, { mode: 0o600 });
    const { changed, code, stderr, stdout } = await changedBy(host, 'apiserver');
    expect({ changed, code, stdout }).toEqual({ changed: [], code: 1, stdout: '' });
    expect(stderr).toContain(path);
    expect(stderr).toContain(problem);
  });

  test.each([
    ['apiserver', `${pki}/apiserver.crt`, 'x', 'remove apiserver.crt and apiserver.key', 'certs apiserver'],
    ['etcd-peer', `${pki}/etcd/peer.crt`, '', 'remove etcd/peer.crt and etcd/peer.key', 'certs etcd-peer'],
    [
      'scheduler.conf',
      '/etc/kubernetes/scheduler.conf',
      'junk',
      'remove /etc/kubernetes/scheduler.conf',
      'kubeconfig scheduler',
    ],
  ])(
    '%s: the hint about a broken %s names the command that makes it',
    async (name, path, text, remove, phase) => {
      const host = await controlPlane();
      await host.files.write(path, text, { mode: 0o600 });
      const { code, stderr } = await renew(host, name, '--config', configFile);
      expect(code).toBe(1);
      expect(stderr).toContain(remove);
      expect(stderr).toContain(`\`kubeadm init phase ${phase}\``);
      expect(stderr).not.toContain('so that kubeadm makes a new one');
    },
  );

  test('uses the default configuration if the cluster does not answer', async () => {
    const host = await controlPlane();
    const { code, stdout } = await renew(host, 'scheduler.conf');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Falling back to default configuration\n\n[^\n]+ renewed\n$/);
  });

  test('finds nothing to renew on an empty machine', async () => {
    const { code, stdout } = await renew(createMemoryHost(), 'all');
    expect(code).toBe(0);
    expect(stdout.match(/^MISSING! /gm)).toHaveLength(11);
  });

  test('shows no secret', async () => {
    const host = await controlPlane();
    const { stderr, stdout } = await renew(host, 'all', '-v', '9');
    const keys = [...leaves.map((name) => `${name}.key`), ...kubeconfigs].map(
      (path) => host.snapshot()[path]?.text ?? '',
    );
    const secrets = keys.flatMap((text) => text.match(/[A-Za-z0-9+/=]{32,}/g) ?? []);
    expect(secrets.length).toBeGreaterThan(11);
    expect(secrets.filter((secret) => (stdout + stderr).includes(secret))).toEqual([]);
  });

  test('a second run completes a run that was cut off at any write', { timeout: 300_000 }, async () => {
    const undisturbed = await controlPlane();
    const cuts: ReturnType<MemoryHost['snapshot']>[] = [];
    undisturbed.gate.onWrite(() => cuts.push(undisturbed.snapshot()));
    expect((await renew(undisturbed, 'all', '--config', configFile)).code).toBe(0);
    expect(cuts.length).toBeGreaterThan(35);
    const paths = Object.keys(undisturbed.snapshot());
    for (const [index, left] of cuts.entries()) {
      const files = Object.entries(left).flatMap(([path, { mode, text }]) =>
        path.endsWith('/') ? [] : [[path, { data: text ?? '', mode }] as const],
      );
      const host = createMemoryHost({ files: Object.fromEntries(files) });
      const where = `after write ${index + 1}`;
      expect(await renew(host, 'all', '--config', configFile), where).toMatchObject({ code: 0, stderr: '' });
      expectMatching(host, where);
      expect(Object.keys(host.snapshot()), where).toEqual(paths);
    }
  });
});
