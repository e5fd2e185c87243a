import { describe, expect, test } from 'vitest';

import { run } from '../cli/command.fixture.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import {
  apiServerKey,
  changesOf,
  config,
  cutAfter,
  init,
  machine,
  record,
  reset,
  withFiles,
} from './cut-off.fixture.ts';
import { parseDocumentsText, tokensOf } from './documents.ts';
import { machineOf, type Remains } from './machine.fixture.ts';
import { removeRecord, writeRecord } from './record.ts';

const otherRelease = 'another release of kubeadm wrote it';

describe('the record of an unfinished run', () => {
  test('is readable only for root, contains the token of the join command, and is removed at the end', async () => {
    const remains = await cutAfter('/etc/kubernetes/admin.conf');
    expect(remains.files[record]).toMatchObject({ mode: 0o600, uid: 0 });
    expect(remains.files['/var/lib/kubeadm/']).toMatchObject({ mode: 0o700 });
    const { documents } = JSON.parse(remains.files[record]?.text ?? '') as { documents: string };
    const [token] = tokensOf(parseDocumentsText(documents));
    const host = machineOf(remains, 2);
    const { stdout } = await run(host, init);
    expect(stdout).toMatch(/^\[init\] Taking up the run of 2026-01-02T03:04:05\.\d+Z that did not end\n/);
    expect(stdout).toContain(`--token ${token} `);
    expect(host.snapshot()[record]).toBeUndefined();
    expect(host.snapshot()['/var/lib/kubeadm/']).toBeUndefined();
  });

  test('is removed with a sync, so that a power cut after the end does not restore it', async () => {
    const host = machine();
    const lasting: string[] = [];
    const files: typeof host.files = {
      ...host.files,
      remove: async (path, options) => {
        if (options?.sync) lasting.push(path);
        await host.files.remove(path, options);
      },
    };
    for (const argv of [init, reset]) expect((await run({ ...host, files }, argv)).code).toBe(0);
    expect(lasting).toEqual([record, record]);
  });

  test('is not written by a failed preflight, a dry run or a single phase', async () => {
    const host = machine({ '/proc/sys/net/ipv4/ip_forward': '0\n' });
    expect((await run(host, init)).code).toBe(1);
    await run(machine(), [...init, '--dry-run']);
    await run(host, ['init', 'phase', 'certs', 'ca', '--config', '/root/kubeadm.yaml']);
    await run(host, ['reset', 'phase', 'cleanup-node']);
    expect(host.gate.writes.filter(({ target }) => target.includes('/var/lib/kubeadm'))).toEqual([]);
  });

  describe('contains the values that network and machine completed', () => {
    const label = 'https://dl.k8s.io/release/stable-1.txt';
    const sparse = (version = ''): string => `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
encryptionAlgorithm: ECDSA-P256
${version}
`;
    const cut = async (): Promise<Remains> => {
      const online = machine({ '/root/kubeadm.yaml': sparse() });
      online.machine.answers.set(label, { status: 200, body: 'v1.36.1\n' });
      return await cutAfter('/etc/kubernetes/admin.conf', online);
    };

    test('so that the second try does not look them up again', async () => {
      const host = machineOf(await cut(), 2);
      host.machine.hostname = 'localhost.localdomain';
      host.machine.sockets.add('/var/run/crio/crio.sock');
      host.units.set('systemd-resolved', { enabled: true, active: true });
      const [lo, eth0] = host.machine.interfaces;
      const first = { ...eth0, name: 'eth1', addresses: ['10.9.9.9/24'] } as NonNullable<typeof eth0>;
      host.machine.interfaces = [lo, first, eth0].flatMap((one) => one ?? []);
      const { code, stderr, stdout } = await run(host, init);
      expect(code, stderr).toBe(0);
      expect(stdout).toContain('Using Kubernetes version: v1.36.1');
      expect(host.machine.requests).not.toContain(label);
      expect(host.snapshot()['/etc/kubernetes/admin.conf']?.text).toContain('https://10.0.0.5:6443');
    });

    test.each([
      ['kubernetesVersion: stable-1.35', 'v1.36.2'],
      ['kubernetesVersion: v1.36.0', 'v1.36.0'],
    ])('but the configuration overrides them: %s', async (version, expected) => {
      const host = machineOf(withFiles(await cut(), { '/root/kubeadm.yaml': sparse(version) }), 2);
      expect(await run(host, init)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`Using Kubernetes version: ${expected}`),
      });
    });

    test('but not an address that the machine no longer has', async () => {
      const host = machineOf(await cut(), 2);
      const moved = (one: (typeof host.machine.interfaces)[number]) => ({
        ...one,
        addresses: ['10.9.9.9/24'],
      });
      host.machine.interfaces = host.machine.interfaces.map((one) => (one.loopback ? one : moved(one)));
      expect(await run(host, init)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('localAPIEndpoint.advertiseAddress was 10.0.0.5 and is now 10.9.9.9'),
      });
    });
  });

  test('is ignored if the files that it describes are gone', async () => {
    const remains = await cutAfter('/etc/kubernetes/pki/ca.crt');
    const left = Object.entries(remains.files).filter(([path]) => !path.startsWith('/etc/kubernetes'));
    const text = config({ cluster: 'networking: {podSubnet: 10.1.0.0/16}' });
    const cleaned = withFiles(
      { ...remains, files: Object.fromEntries(left) },
      { '/root/kubeadm.yaml': text },
    );
    const host = machineOf(cleaned, 2);
    const again = await run(host, init);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).not.toContain('Taking up');
  });

  test('does not make preflight accept a port that another program uses', async () => {
    const remains = await cutAfter('/etc/kubernetes/manifests/etcd.yaml');
    const host = machineOf(remains, 2);
    host.machine.listening.add(6443);
    const { code, stderr } = await run(host, init);
    expect(code).toBe(1);
    expect(stderr).toContain('[ERROR Port-6443]');
    expect(stderr.match(/ERROR/g)).toHaveLength(1);
  });

  test('does not complete a key without a certificate that existed before the run', async () => {
    const { files } = await cutAfter('/etc/kubernetes/pki/sa.key');
    const own = files[apiServerKey]?.text ?? '';
    const host = machine({ [apiServerKey]: { data: own, mode: 0o600 } });
    const first = await run(host, init);
    expect(first.stderr).toContain(`${apiServerKey} is there, but its certificate`);
    expect(first.stderr).toContain('What was done so far is kept');
    const second = await run(host, init);
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is there, but its certificate'),
    });
  });

  test('leads to an error that names the certificates folder for reset', async () => {
    const text = config({ cluster: 'certificatesDir: /srv/pki' });
    const remains = await cutAfter('/srv/pki/ca.key', machine({ '/root/kubeadm.yaml': text }));
    const host = machineOf(remains, 2);
    host.disk.fail('/srv/pki/ca.crt', 'ENOSPC', 'write');
    expect((await run(host, init)).stderr).toContain("or 'kubeadm reset --cert-dir /srv/pki' to undo it.");
    host.disk.fail('/srv/pki/ca.crt', undefined);
    expect(await run(host, reset)).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        /are left in "\/srv\/pki", their keys as well\. 'kubeadm reset --cert-dir \/srv\/pki' removes/,
      ),
    });
    expect(await run(host, [...reset, '--cert-dir', '/srv/pki'])).toMatchObject({
      code: 0,
      stderr: expect.not.stringContaining('are left'),
    });
    expect((await run(host, init)).code).toBe(0);
  });

  test.each([
    [record, 'write'],
    ['/var/lib/kubeadm', undefined],
  ] as const)('does not make init or reset fail if %s is read-only', async (path, operation) => {
    for (const argv of [init, reset]) {
      const host = machine();
      if (argv === reset) await run(host, init);
      host.disk.fail(path, 'EROFS', operation);
      const { code, stderr } = await run(host, argv);
      expect(code, stderr).toBe(0);
      expect(stderr).toMatch(/kubeadm cannot keep a record of this run \(.*: read-only file system\)/);
    }
  });

  test('does not make init fail if temporary files cannot be removed, which is a warning', async () => {
    const file = '/etc/kubernetes/.admin.conf.kubeadm-0123456789ab';
    const host = machine({ [file]: 'half' });
    host.disk.fail(file, 'EROFS', 'remove');
    const { code, stderr } = await run(host, init);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('kubeadm cannot remove temporary files in /etc/kubernetes');
  });

  test('does not make init or reset fail if it cannot be removed, which is a warning', async () => {
    for (const argv of [init, reset]) {
      const host = machine();
      if (argv === reset) await run(host, init);
      host.disk.fail(record, 'EROFS', 'remove');
      const { code, stderr } = await run(host, argv);
      expect(code, stderr).toBe(0);
      expect(stderr).toContain(
        `Remove ${record} by hand${argv === init ? ', because it holds secrets' : ''}.`,
      );
    }
  });

  test('leaves its folder if that is a mount point', async () => {
    const host = machine({ '/var/lib/kubeadm': { directory: true, mode: 0o700 } });
    host.disk.mountPoints.add('/var/lib/kubeadm');
    for (const argv of [init, reset]) {
      const { code, stderr } = await run(host, argv);
      expect(code, stderr).toBe(0);
      expect(stderr).not.toContain('/var/lib/kubeadm');
    }
    expect(host.snapshot()[record]).toBeUndefined();
  });

  test('counts as absent if it cannot be read, with a warning', async () => {
    const host = machine({ [record]: 'x' });
    host.disk.fail(record, 'EACCES', 'read');
    expect(await run(host, init)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`${record}, the record of a run that did not end, is not used: read`),
    });
  });

  test.each([
    ['an older format', '{"format": 1, "command": "init", "settings": {}, "secrets": {}}', otherRelease],
    ['a later format', '{"format": 99}', otherRelease],
    ['text that is not JSON', 'abcdef.0123456789abcdef', 'it is damaged'],
    ['an empty text', '', 'it is damaged'],
    [
      'documents that are not YAML',
      '{"format":2,"command":"init","startedAt":"","fingerprints":{},"secrets":{},"documents":"{"}',
      otherRelease,
    ],
  ])('counts as absent if it has %s, with a warning, and reset removes it', async (_, text, reason) => {
    const remains = withFiles(await cutAfter('/etc/kubernetes/manifests/etcd.yaml'), { [record]: text });
    const host = machineOf(remains, 2);
    const { code, stderr } = await run(host, init);
    expect(code).toBe(1);
    expect(stderr).toContain(`is not used: ${reason}`);
    expect(stderr).toContain('[ERROR FileAvailable--etc-kubernetes-manifests-etcd.yaml]');
    expect(stderr).not.toContain('abcdef');
    expect(changesOf(host)).toEqual([]);
    await run(host, reset);
    expect((await run(host, init)).code).toBe(0);
  });
});

test('a record without secrets that cannot be removed does not count as one with secrets', async () => {
  const host = createMemoryHost();
  const warnings: string[] = [];
  const emit = (event: KubeadmEvent): void => {
    if (event.type === 'warning') warnings.push(event.message);
  };
  const startedAt = '2026-01-02T03:04:05Z';
  const begun = {
    command: 'reset',
    certificatesDir: '/pki',
    rootless: false,
    startedAt,
    fingerprints: {},
  } as const;
  await writeRecord(host, begun, emit);
  host.disk.fail(record, 'EROFS', 'remove');
  await removeRecord(host, emit);
  expect(warnings).toEqual([expect.stringMatching(/Remove \S+ by hand\.$/)]);
});
