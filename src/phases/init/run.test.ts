import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { KubeadmError } from '../../errors.ts';
import type { RecordedEvent } from '../../events.ts';
import type { MemoryHost } from '../../host/memory/index.ts';
import { flattenPhases } from '../../workflow/phase.ts';
import type { RunContext } from '../execute.ts';
import { initPhases } from './index.ts';
import { readyMachine } from './machine.fixture.ts';
import type { InitRequest } from './request.ts';
import { runInit } from './run.ts';

const criSocket = 'unix:///var/run/containerd/containerd.sock';
const fields = {
  init: { localAPIEndpoint: { advertiseAddress: '10.0.0.5' }, nodeRegistration: { criSocket } },
  cluster: { kubernetesVersion: 'v1.36.2', encryptionAlgorithm: 'ECDSA-P256' as const },
};
const configText = `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: 10.0.0.5 }
nodeRegistration: { criSocket: "${criSocket}" }
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.2
encryptionAlgorithm: ECDSA-P256
`;

async function attempt(host: MemoryHost, request: InitRequest, context: RunContext = {}) {
  const records: RecordedEvent[] = [];
  const record = (recorded: RecordedEvent): void => {
    records.push(recorded);
    context.record?.(recorded);
  };
  const outcome = await runInit(host, request, { ...context, record }).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  return { ...outcome, records, events: records.map(({ event }) => event) };
}

const files = (host: MemoryHost) => Object.keys(host.snapshot()).filter((path) => !path.endsWith('/'));

describe('a whole init', () => {
  test('makes the cluster and hands out how to use it and how to join it', async () => {
    const host = readyMachine();
    const { result, error, records, events } = await attempt(host, { fields, uploadCerts: true });
    expect(error).toBeUndefined();
    expect(result).toMatchObject({
      kubernetesVersion: 'v1.36.2',
      nodeName: 'node1',
      kubeconfig: '/etc/kubernetes/admin.conf',
      certificatesDir: '/etc/kubernetes/pki',
      dryRun: undefined,
      join: {
        endpoint: '10.0.0.5:6443',
        caCertHashes: [expect.stringMatching(/^sha256:[0-9a-f]{64}$/)],
      },
    });
    const token = result?.join?.token.reveal() ?? '';
    const certificateKey = result?.certificateKey?.reveal() ?? '';
    expect(token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
    expect(certificateKey).toMatch(/^[0-9a-f]{64}$/);
    expect(result?.join?.worker.reveal()).toContain(`kubeadm join 10.0.0.5:6443 --token ${token} `);
    expect(result?.join?.controlPlane.reveal()).toContain(`--certificate-key ${certificateKey}`);
    for (const secret of [token.slice(7), certificateKey]) {
      expect(inspect(result, { depth: 9 }) + JSON.stringify(result)).not.toContain(secret);
    }
    expect(files(host)).toEqual(
      expect.arrayContaining([
        '/etc/kubernetes/admin.conf',
        '/etc/kubernetes/pki/ca.key',
        '/etc/kubernetes/manifests/kube-apiserver.yaml',
      ]),
    );
    const created = host.gate.writes.flatMap(({ kind, target }) => (kind === 'api' ? [target] : []));
    const coredns = created.findIndex((target) => target.includes('coredns') || target.includes('kube-dns'));
    expect(created.indexOf('create DaemonSet kube-system/kube-proxy')).toBeGreaterThan(0);
    expect(coredns).toBeGreaterThan(created.indexOf('create DaemonSet kube-system/kube-proxy'));
    expect(host.api.list('apps/v1', 'Deployment').map(({ metadata }) => metadata.name)).toEqual(['coredns']);

    const known = flattenPhases(initPhases).flatMap(({ fullName, phase }) => (phase.run ? [fullName] : []));
    expect(result?.phases).toEqual(known);
    expect(events.find(({ type }) => type === 'phases-selected')).toEqual({
      type: 'phases-selected',
      phases: known,
    });
    expect(
      records.flatMap(({ event }) => (event.type === 'phase-finished' ? [event.phase] : [])).sort(),
    ).toEqual(known.toSorted());
    expect(records.every(({ at }) => at >= 0)).toBe(true);
    expect(records.find(({ event }) => event.type === 'certificate-generated')?.phase).toBe('certs/ca');
  });

  test('starts the kubelet with its own kubeconfig, before the other files, and waits when all are there', async () => {
    const host = readyMachine();
    const { error, events } = await attempt(host, { fields });
    expect(error).toBeUndefined();
    const writes = host.gate.writes.map(({ target }) => target.replace('/etc/kubernetes/', ''));
    const certificates = writes.filter((target) => /^pki\/.*\.(crt|key|pub)$/.test(target));
    for (const [manifest, needs] of Object.entries({
      etcd: certificates,
      'kube-apiserver': certificates,
      'kube-controller-manager': ['controller-manager.conf'],
      'kube-scheduler': ['scheduler.conf'],
    })) {
      const written = writes.indexOf(`manifests/${manifest}.yaml`);
      for (const file of needs)
        expect(written, `${file} and ${manifest}`).toBeGreaterThan(writes.indexOf(file));
    }
    expect(certificates.length).toBeGreaterThan(20);
    expect(writes.indexOf('manifests')).toBeGreaterThan(0);
    expect(writes.indexOf('manifests')).toBeLessThan(writes.indexOf('restart kubelet'));
    const moment = (type: 'phase-started' | 'phase-finished', phase: string): number =>
      events.findIndex((event) => event.type === type && event.phase === phase);
    expect(moment('phase-started', 'kubelet-start/start')).toBeGreaterThan(
      moment('phase-finished', 'kubeconfig/kubelet'),
    );
    expect(moment('phase-started', 'kubelet-start/start')).toBeLessThan(moment('phase-finished', 'certs/sa'));
    expect(moment('phase-started', 'kubeconfig/admin')).toBeGreaterThan(moment('phase-finished', 'certs/sa'));
    for (const phase of ['kubelet-start/start', 'control-plane/scheduler']) {
      const end = moment('phase-finished', phase);
      expect(end, phase).toBeGreaterThan(0);
      expect(moment('phase-started', 'wait-control-plane/api-server'), phase).toBeGreaterThan(end);
    }
  });

  test('is the same from a text as from fields', async () => {
    const [a, b] = [readyMachine(), readyMachine()];
    expect((await attempt(a, { fields })).error).toBeUndefined();
    expect((await attempt(b, { configText })).error).toBeUndefined();
    expect(files(b)).toEqual(files(a));
    const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml';
    expect(await b.files.readText(manifest)).toBe(await a.files.readText(manifest));
  });

  test('takes the phases that were named, and leaves out those that were not wanted', async () => {
    const only = await attempt(readyMachine(), { fields, only: ['certs'], skip: ['certs/sa'] });
    expect(only.result?.phases).toContain('certs/ca');
    expect(only.result?.phases).not.toContain('certs/sa');
    expect(only.result?.join).toBeUndefined();
    const skip = await attempt(readyMachine(), { fields, skip: ['addon', 'show-join-command'] });
    expect(skip.result?.phases).not.toContain('addon/coredns');
    expect(skip.result).toMatchObject({ join: undefined, certificateKey: undefined });
  });

  test('writes into one directory alone in a dry run', async () => {
    const host = readyMachine({ environment: { KUBEADM_INIT_DRYRUN_DIR: '/tmp/dry' } });
    const before = files(host);
    const { result, error } = await attempt(host, { fields, dryRun: true });
    expect(error).toBeUndefined();
    expect(result?.dryRun).toEqual({ directory: '/tmp/dry' });
    expect(result?.join?.endpoint).toBe('10.0.0.5:6443');
    expect(files(host).filter((path) => !path.startsWith('/tmp/dry/'))).toEqual(before);
    expect(files(host)).toContain('/tmp/dry/admin.conf');
    expect(host.api.list('apps/v1', 'Deployment')).toEqual([]);
  });
});

describe('an init that does not end', () => {
  test('leaves the kubelet as it is when another phase fails beside it', async () => {
    const host = readyMachine();
    const controller = new AbortController();
    const services: string[] = [];
    host.gate.onWrite(({ kind, target }) => {
      if (kind === 'service') services.push(target);
      if (target === '/var/lib/kubelet/config.yaml') controller.abort(new Error('enough'));
    });
    const { error } = await attempt(host, { fields }, { signal: controller.signal });
    expect(error).toMatchObject({ code: 'interrupted' });
    expect(services).toEqual(['stop kubelet']);
  });

  test('stops where the signal is aborted, and begins nothing after that', async () => {
    const host = readyMachine();
    const controller = new AbortController();
    const { error, events } = await attempt(
      host,
      { fields },
      {
        signal: controller.signal,
        record: ({ event }) => {
          if (event.type === 'phase-finished' && event.phase === 'certs/etcd-ca')
            controller.abort(new Error('the operator changed his mind'));
        },
      },
    );
    expect(error).toBeInstanceOf(KubeadmError);
    expect(error).toMatchObject({ code: 'interrupted', message: 'the operator changed his mind' });
    expect(files(host)).toContain('/etc/kubernetes/pki/etcd/ca.key');
    expect(files(host)).not.toContain('/etc/kubernetes/pki/sa.key');
    expect(files(host)).not.toContain('/etc/kubernetes/admin.conf');
    expect(events.at(-1)).toMatchObject({ type: 'phase-finished', phase: 'certs/etcd-ca' });
    // The files stay, and the next run continues.
    expect((await attempt(host, { fields })).error).toBeUndefined();
  });

  test('does not begin with a signal that was aborted before', async () => {
    const host = readyMachine();
    const before = host.snapshot();
    const { error, events } = await attempt(
      host,
      { fields },
      { signal: AbortSignal.abort(new Error('late')) },
    );
    expect(error).toMatchObject({ code: 'interrupted', message: 'late' });
    expect(events).toEqual([]);
    expect(host.snapshot()).toEqual(before);
  });

  test('gives all findings of the preflight checks at once, and changes nothing', async () => {
    const host = readyMachine({ uid: 0, cpus: 1, files: { '/proc/sys/net/ipv4/ip_forward': '0\n' } });
    host.machine.listening.add(6443);
    const before = host.snapshot();
    const { error } = await attempt(host, { fields });
    expect(error).toBeInstanceOf(KubeadmError);
    expect(error).toMatchObject({
      code: 'preflight-failed',
      hint: expect.stringContaining('NumCPU'),
      details: { phase: 'preflight', endedBeyond: [] },
    });
    const { findings } = (error as KubeadmError).details as {
      findings: readonly { readonly level: string; readonly check: string }[];
    };
    expect(findings.filter(({ level }) => level === 'error').map(({ check }) => check)).toEqual([
      'NumCPU',
      'Port-6443',
      'FileContent--proc-sys-net-ipv4-ip_forward',
    ]);
    expect(host.snapshot()).toEqual(before);
  });

  test('refuses two sources of a configuration, and phases that it does not know', async () => {
    const twice = await attempt(readyMachine(), { fields, configText });
    expect(twice.error).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('configText and fields'),
    });
    const unknown = await attempt(readyMachine(), { fields, only: ['preflihgt'] });
    expect(unknown.error).toMatchObject({ code: 'phase-unknown', hint: 'did you mean preflight?' });
    const bad = await attempt(readyMachine(), { configText: `${configText}networking: { podSubnet: x }\n` });
    expect(bad.error).toMatchObject({ code: expect.stringMatching(/^config-/) });
    expect((bad.error as KubeadmError).message).toContain('configText');
  });
});

describe('two runs on one host', () => {
  test('the second one reads what the first one read, and warns of what the first one warned of', async () => {
    const patch = '/patches/kube-scheduler+json.yaml';
    const host = readyMachine({ files: { [patch]: 'not: a list\n' } });
    const request = { fields, only: ['control-plane/scheduler'], patchesDir: '/patches' };
    expect((await attempt(host, request)).error).toMatchObject({ code: 'patch-invalid' });
    await host.files.write(patch, '- { op: add, path: /metadata/labels/mine, value: "1" }\n', {
      mode: 0o644,
    });
    expect((await attempt(host, request)).error).toBeUndefined();
    expect(await host.files.readText('/etc/kubernetes/manifests/kube-scheduler.yaml')).toContain('mine:');
  });

  test('warn both of a certificate that has expired', async () => {
    const host = readyMachine();
    const certs = { fields, only: ['certs/ca'] };
    expect((await attempt(host, certs)).error).toBeUndefined();
    const late = { ...host, clock: { ...host.clock, now: () => new Date('2046-01-01T00:00:00Z') } };
    const warnings = async () =>
      (await attempt(late as MemoryHost, certs)).events.filter(
        (event) => event.type === 'warning' && event.code === 'certificate-out-of-bounds',
      );
    expect(await warnings()).toHaveLength(1);
    expect(await warnings()).toHaveLength(1);
  });
});
