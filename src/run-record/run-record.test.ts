import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

import { run } from '../cli/command.fixture.ts';
import { FileError } from '../errors.ts';
import type { MemoryHost } from '../host/memory/index.ts';
import { joinTokens } from './end-state.fixture.ts';
import { bootableMachine, machineOf, processFiles, type Remains, remainsOf } from './machine.fixture.ts';

const record = '/var/lib/kubeadm/unfinished-run.json';
const apiServerKey = '/etc/kubernetes/pki/apiserver.key';
const init = ['init', '--config', '/root/kubeadm.yaml'];
const reset = ['reset', '-f'];
const token = 'abcdef.0123456789abcdef';

const config = (changes: Readonly<Record<string, string>> = {}): string => `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: 10.0.0.5}
${changes.init ?? ''}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.2
encryptionAlgorithm: ECDSA-P256
${changes.cluster ?? ''}
`;

type Files = Parameters<typeof bootableMachine>[0];

function machine(files: Files = {}): MemoryHost {
  return bootableMachine({ '/root/kubeadm.yaml': config(), ...files });
}

/** What is left when power is lost after the write of that file. */
async function cutAfter(path: string, host = machine()): Promise<Remains> {
  let remains: Remains | undefined;
  host.gate.onWrite(({ kind, target }) => {
    if (kind === 'file' && target === path) remains = remainsOf(host);
  });
  await run(host, init);
  if (remains === undefined) throw new Error(`${path} was not written`);
  return remains;
}

function withFiles({ files, ...rest }: Remains, texts: Readonly<Record<string, string>>): Remains {
  const added = Object.entries(texts).map(([path, text]) => [path, { mode: 0o600, uid: 0, gid: 0, text }]);
  return { ...rest, files: { ...files, ...Object.fromEntries(added) } };
}

describe('the record of an unfinished run', () => {
  test('is for root alone, holds the token that the join command shows, and is gone at the end', async () => {
    const remains = await cutAfter('/etc/kubernetes/admin.conf');
    expect(remains.files[record]).toMatchObject({ mode: 0o600, uid: 0 });
    expect(remains.files['/var/lib/kubeadm/']).toMatchObject({ mode: 0o700 });
    const { secrets } = JSON.parse(remains.files[record]?.text ?? '') as { secrets: { tokens: string[] } };
    const host = machineOf(remains, 2);
    const { stdout } = await run(host, init);
    expect(stdout).toMatch(/^\[init\] Taking up the run of 2026-01-02T03:04:05\.\d+Z that did not end\n/);
    expect(stdout).toContain(`--token ${secrets.tokens[0]} `);
    expect(host.snapshot()[record]).toBeUndefined();
    expect(host.snapshot()['/var/lib/kubeadm/']).toBeUndefined();
  });

  test('is gone for good: a power cut after the end does not bring it back', async () => {
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

  test('is not kept by preflight that fails, by dry runs and by single phases', async () => {
    const host = machine({ '/proc/sys/net/ipv4/ip_forward': '0\n' });
    expect((await run(host, init)).code).toBe(1);
    await run(machine(), [...init, '--dry-run']);
    await run(host, ['init', 'phase', 'certs', 'ca', '--config', '/root/kubeadm.yaml']);
    await run(host, ['reset', 'phase', 'cleanup-node']);
    expect(host.gate.writes.filter(({ target }) => target.includes('/var/lib/kubeadm'))).toEqual([]);
  });

  test('says which settings changed, and what to do; secrets are not shown', async () => {
    const remains = await cutAfter(apiServerKey);
    const changed = config({
      init: `bootstrapTokens: [{token: ${token}}]\ncertificateKey: ${'ab'.repeat(32)}`,
      cluster: `networking: {podSubnet: 10.1.0.0/16}
apiServer: {certSANs: [other.example], extraEnvs: [{name: PASSWORD, value: hunter2}]}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
staticPodURLHeader: {Authorization: [Bearer hunter2]}`,
    });
    const host = machineOf(withFiles(remains, { '/root/kubeadm.yaml': changed }), 2);
    const { code, stderr } = await run(host, init);
    expect(code).toBe(1);
    expect(stderr).toContain("the 'kubeadm init' of 2026-01-02T03:04:05.000Z did not end");
    expect(stderr).toContain('  ClusterConfiguration.apiServer.certSANs[0]: not set -> "other.example"\n');
    expect(stderr).toContain('  ClusterConfiguration.networking.podSubnet: not set -> "10.1.0.0/16"\n');
    expect(stderr).toContain('  InitConfiguration.bootstrapTokens[0].token: (secret) -> (another secret)\n');
    expect(stderr).toContain('  InitConfiguration.certificateKey: (secret) -> (another secret)\n');
    expect(stderr).toContain('staticPodURLHeader.Authorization[0]: not set -> (another secret)\n');
    expect(stderr).toContain("Run 'kubeadm reset'");
    expect(stderr).not.toMatch(/[a-z0-9]{6}\.[a-z0-9]{16}|abababab|hunter2/);
    expect(host.gate.writes).toEqual([]);
    expect((await run(host, reset)).code).toBe(0);
    expect((await run(host, init)).code).toBe(0);
  });

  test('says it as docs/cut-off-runs.md shows it', async () => {
    const withPods = (podSubnet: string) => ({
      '/root/kubeadm.yaml': config({ cluster: `networking: {podSubnet: ${podSubnet}}` }),
    });
    const remains = await cutAfter(apiServerKey, machine(withPods('10.244.0.0/16')));
    const { stderr } = await run(machineOf(withFiles(remains, withPods('10.1.0.0/16')), 2), init);
    const undated = (text: string) => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then');
    const page = await readFile(path.resolve(import.meta.dirname, '../../docs/cut-off-runs.md'), 'utf8');
    const refusal = stderr.slice(stderr.indexOf('error: '), stderr.indexOf('To see the stack trace'));
    expect(refusal).toContain('podSubnet');
    expect(undated(page.replaceAll(/^ {2}/gm, ''))).toContain(undated(refusal));
  });

  test('lets what only says how a run goes be another', async () => {
    const remains = await cutAfter(apiServerKey);
    const changed = config({ init: 'timeouts: {kubernetesAPICall: 3m}\nskipPhases: [upload-certs]' });
    const host = machineOf(withFiles(remains, { '/root/kubeadm.yaml': changed }), 2);
    const again = await run(host, [
      ...init,
      '--ignore-preflight-errors',
      'NumCPU',
      '--skip-phases',
      'preflight,show-join-command',
    ]);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Taking up') });
  });

  test('lets an addon be skipped, and says so when it is disabled in the configuration', async () => {
    const remains = await cutAfter(apiServerKey);
    expect(await run(machineOf(remains, 2), [...init, '--skip-phases', 'addon/coredns'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Taking up'),
    });
    const disabled = config({ cluster: 'dns: {disabled: true}' });
    expect(
      await run(machineOf(withFiles(remains, { '/root/kubeadm.yaml': disabled }), 2), init),
    ).toMatchObject({ code: 1, stderr: expect.stringContaining('  ClusterConfiguration.dns.disabled: ') });
  });

  describe('holds what network and machine completed', () => {
    const label = 'https://dl.k8s.io/release/stable-1.txt';
    const sparse = (version = ''): string => `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
encryptionAlgorithm: ECDSA-P256
${version}
`;
    const cut = async (): Promise<Remains> => {
      const online = machine({ '/root/kubeadm.yaml': sparse() });
      online.machine.answers.set(label, { status: 200, body: 'v1.36.1\n' });
      return await cutAfter(apiServerKey, online);
    };

    test('so that the second try needs them no more', async () => {
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
      ['kubernetesVersion: stable-1.35', 'ClusterConfiguration.kubernetesVersion: "v1.36.1" -> "v1.36.2"'],
      ['kubernetesVersion: v1.36.0', 'ClusterConfiguration.kubernetesVersion: "v1.36.1" -> "v1.36.0"'],
    ])('but for another wish: %s', async (version, change) => {
      const host = machineOf(withFiles(await cut(), { '/root/kubeadm.yaml': sparse(version) }), 2);
      expect(await run(host, init)).toMatchObject({ code: 1, stderr: expect.stringContaining(change) });
    });

    test('but for an address that the machine no longer has', async () => {
      const host = machineOf(await cut(), 2);
      const moved = (one: (typeof host.machine.interfaces)[number]) => ({
        ...one,
        addresses: ['10.9.9.9/24'],
      });
      host.machine.interfaces = host.machine.interfaces.map((one) => (one.loopback ? one : moved(one)));
      expect(await run(host, init)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('localAPIEndpoint.advertiseAddress: "10.0.0.5" -> "10.9.9.9"'),
      });
    });
  });

  test('counts for nothing when what it speaks of is gone', async () => {
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

  test('does not let a port pass that something else uses', async () => {
    const remains = await cutAfter('/etc/kubernetes/manifests/etcd.yaml');
    const host = machineOf(remains, 2);
    host.machine.listening.add(6443);
    const { code, stderr } = await run(host, init);
    expect(code).toBe(1);
    expect(stderr).toContain('[ERROR Port-6443]');
    expect(stderr.match(/ERROR/g)).toHaveLength(1);
  });

  test('does not complete a half pair that was there before the run', async () => {
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

  test('of a reset keeps an init from beginning', async () => {
    const finished = machine();
    await run(finished, init);
    let remains = remainsOf(finished);
    finished.gate.onWrite(({ kind }) => {
      if (kind === 'service') remains = remainsOf(finished);
    });
    await run(finished, reset);
    const host = machineOf(remains, 2);
    expect(await run(host, init)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /the 'kubeadm reset' of .* did not end[\s\S]*Run 'kubeadm reset' again first/,
      ),
    });
    await run(host, reset);
    expect((await run(host, init)).code).toBe(0);
  });

  test('names the folder of certificates that reset must be told of', async () => {
    const text = config({ cluster: 'certificatesDir: /srv/pki' });
    const remains = await cutAfter('/srv/pki/ca.key', machine({ '/root/kubeadm.yaml': text }));
    const host = machineOf(remains, 2);
    host.disk.fail('/srv/pki/ca.crt', 'ENOSPC', 'write');
    expect((await run(host, init)).stderr).toContain(", 'kubeadm reset --cert-dir /srv/pki' undoes it.");
    host.disk.fail('/srv/pki/ca.crt', undefined);
    expect(await run(host, reset)).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        /in "\/srv\/pki", are left: 'kubeadm reset --cert-dir \/srv\/pki' removes/,
      ),
    });
    expect(await run(host, [...reset, '--cert-dir', '/srv/pki'])).toMatchObject({
      code: 0,
      stderr: expect.not.stringContaining('are left'),
    });
    expect((await run(host, init)).code).toBe(0);
  });

  test('that cannot be understood is refused by init, and taken away by reset', async () => {
    const remains = withFiles(await cutAfter(apiServerKey), { [record]: '{"format": 99}' });
    const host = machineOf(remains, 2);
    expect(await run(host, init)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${record}, the record of a run that did not end, cannot be read`),
    });
    await run(host, reset);
    expect((await run(host, init)).code).toBe(0);
  });
});

describe('two runs at once', () => {
  const isRefused = {
    code: 1,
    stderr: expect.stringMatching(/another kubeadm init is running .* process 4001/),
  };
  const notes = (host: MemoryHost) =>
    Object.keys(host.snapshot('/run')).filter((path) => !path.endsWith('/'));

  test.each([
    ['init', init],
    ['reset', reset],
  ])('%s is refused beside a process that runs, before it changes anything', async (_, second) => {
    const remains = await cutAfter(apiServerKey);
    const alive: Readonly<Record<string, string>> = {
      ...processFiles(4001),
      '/proc/self/stat': processFiles(4002)['/proc/self/stat'] ?? '',
    };
    const host = machineOf(remains, 2);
    host.disk.put(alive);
    expect(await run(host, second)).toMatchObject(isRefused);
    expect(host.gate.writes).toEqual([]);
    const stat = alive['/proc/4001/stat'] ?? '';
    for (const gone of [
      { '/proc/4001/stat': stat.replace(' 777 ', ' 888 ') },
      { '/proc/4001/stat': stat.replace(') S ', ') Z ') },
      { '/proc/sys/kernel/random/boot_id': 'another boot\n' },
    ]) {
      const later = machineOf(remains, 2);
      later.disk.put({ ...alive, ...gone });
      expect((await run(later, second)).code).toBe(0);
      expect(notes(later)).toEqual([]);
    }
  });

  test.each([
    ['init', init],
    ['reset', reset],
  ])('%s is refused beside a run of the same process', async (_, second) => {
    const host = machine();
    let beside: ReturnType<typeof run> | undefined;
    host.gate.onWrite(({ kind, target }) => {
      if (kind === 'file' && target === record) beside ??= run(host, second);
    });
    expect((await run(host, init)).code).toBe(0);
    expect(await beside).toMatchObject(isRefused);
    expect(notes(host)).toEqual([]);
  });

  test('of which both saw none at first: the later one ends before its first write', async () => {
    const host = machine();
    let beside: ReturnType<typeof run> | undefined;
    host.gate.onWrite(({ kind, target }) => {
      if (kind === 'cri' && /pull/.test(target))
        beside ??= run(host, [...init, '--ignore-preflight-errors=all']);
    });
    const results = [await run(host, init), await beside];
    expect(results.map((result) => result?.code).sort()).toEqual([0, 1]);
    expect(results).toContainEqual(expect.objectContaining(isRefused));
    expect(joinTokens(host)).toHaveLength(1);
  });

  test('are none when a record has come since the run began', async () => {
    const left = await cutAfter(apiServerKey);
    const host = machine();
    let count = 0;
    host.gate.onWrite(({ kind }) => {
      if (kind !== 'cri' || count > 0) return;
      for (const path of [record, apiServerKey]) host.disk.put({ [path]: left.files[path]?.text ?? '' });
      count = host.gate.writes.length;
    });
    const { code, stderr } = await run(host, init);
    expect(code).toBe(1);
    expect(stderr).toContain('another kubeadm has worked on this machine since this one began');
    expect(host.snapshot()[record]?.text).toBe(left.files[record]?.text);
  });

  test('reset goes on where no note of it can be laid', async () => {
    const host = machine();
    const files: typeof host.files = {
      ...host.files,
      write: async (path, ...rest) => {
        if (path.startsWith('/run/')) throw new FileError('write', path, 'ENOSPC');
        await host.files.write(path, ...rest);
      },
    };
    const result = await run({ ...host, files }, reset);
    expect(result).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('no record of this run can be kept'),
    });
  });
});

describe('SIGINT and SIGTERM', () => {
  test('end with what to do, leave nothing half written, and can be gone on from', async () => {
    const host = machine();
    const stop = new AbortController();
    host.gate.onWrite(({ kind, target }) => {
      if (kind === 'file-temporary' && target.includes('apiserver.key')) {
        stop.abort(new Error('interrupted by SIGTERM'));
      }
    });
    const { code, stderr } = await run(host, init, stop.signal);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: interrupted by SIGTERM\nhint: What was done so far is kept: the same command/m,
    );
    expect(Object.keys(host.snapshot()).filter((path) => path.includes('.kubeadm-'))).toEqual([]);
    // The pair that was being written is whole.
    expect(host.snapshot()['/etc/kubernetes/pki/apiserver.crt']).toBeDefined();
    expect(host.snapshot()['/etc/kubernetes/pki/front-proxy-ca.key']).toBeUndefined();
    expect((await run(host, init)).code).toBe(0);
  });

  test('that come with the last write come too late', async () => {
    const host = machine();
    const stop = new AbortController();
    host.gate.onWrite(({ kind, target }) => {
      if (kind === 'remove' && target === record) stop.abort(new Error('interrupted by SIGTERM'));
    });
    const { code, stderr, stdout } = await run(host, init, stop.signal);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('has initialized successfully!');
  });

  test('of a dry run speak of no record', async () => {
    const host = machineOf(await cutAfter(apiServerKey), 2);
    const stop = new AbortController();
    host.gate.onWrite(() => stop.abort(new Error('interrupted by SIGTERM')));
    const { code, stderr } = await run(host, [...init, '--dry-run'], stop.signal);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: interrupted by SIGTERM$/m);
    expect(stderr).not.toContain('is kept');
  });

  test('end a wait at once', async () => {
    const host = machine();
    host.api.intercept = () => new Error('not yet');
    const stop = new AbortController();
    host.gate.onWrite(({ kind, target }) => {
      if (kind === 'service' && target === 'restart kubelet')
        setImmediate(() => stop.abort(new Error('interrupted by SIGINT')));
    });
    const { code, stderr } = await run(host, init, stop.signal);
    expect(code).toBe(1);
    expect(stderr).toContain('error: interrupted by SIGINT\n');
    expect(host.clock.monotonic()).toBeLessThan(5_000);
  });
});
