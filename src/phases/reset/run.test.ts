import { describe, expect, test } from 'vitest';
import type { KubeadmEvent } from '../../events.ts';
import { createMemoryHost } from '../../host/memory/index.ts';
import { machine, manifest, manifestPath, member } from './remove-etcd-member.fixture.ts';
import type { ResetRequest } from './request.ts';
import { runReset } from './run.ts';

function usedMachine() {
  return createMemoryHost({
    answers: ['n'],
    files: {
      '/proc/mounts': '',
      '/var/lib/kubelet/config.yaml': 'kind: KubeletConfiguration\n',
      '/etc/kubernetes/kubelet.conf': 'apiVersion: v1\nkind: Config\n',
      '/etc/kubernetes/manifests/kube-scheduler.yaml': 'kind: Pod\n',
      '/etc/kubernetes/pki/ca.crt': 'x',
    },
  });
}

async function attempt(host: ReturnType<typeof usedMachine>, request: ResetRequest) {
  const events: KubeadmEvent[] = [];
  const base = { fields: { criSocket: 'unix:///run/x.sock' } };
  const outcome = await runReset(
    host,
    { ...base, ...request },
    { record: ({ event }) => events.push(event) },
  ).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  return { ...outcome, events };
}

describe('runReset', () => {
  test('takes away what init left', async () => {
    const host = usedMachine();
    const { result, error } = await attempt(host, { force: true });
    expect(error).toBeUndefined();
    expect(result?.phases).toEqual(
      expect.arrayContaining(['preflight', 'remove-etcd-member', 'cleanup-node']),
    );
    const left = Object.keys(host.snapshot()).filter((path) => /^\/etc\/kubernetes\/.*[^/]$/.test(path));
    expect(left).toEqual([]);
  });

  test.each([
    { skip: [], left: [] },
    { skip: ['remove-etcd-member'], left: ['/data/etcd/member/snap/db'] },
  ])('leaves $left if the kubelet starts etcd again, with skipped phases $skip', async ({ left, skip }) => {
    const initialCluster = 'a=https://10.0.0.5:2380,b=https://10.0.0.6:2380';
    const files = {
      '/proc/mounts': '',
      '/var/lib/kubelet/config.yaml': 'kind: KubeletConfiguration\n',
      [manifestPath]: manifest(initialCluster),
    };
    const host = machine([member('a', '10.0.0.5'), member('b', '10.0.0.6')], { files });
    host.units.set('kubelet', { enabled: true, active: true });
    host.gate.onWrite(({ target }) => {
      if (target === 'stop kubelet') host.disk.put({ '/data/etcd/member/snap/db': 'of a new cluster' });
    });
    const { error } = await attempt(host, { force: true, skip });
    expect(error).toBeUndefined();
    expect(Object.keys(host.snapshot('/data')).filter((path) => path.endsWith('db'))).toEqual(left);
  });

  test('asks first, and a no changes nothing', async () => {
    const host = usedMachine();
    const before = host.snapshot();
    const { error } = await attempt(host, {});
    expect(error).toMatchObject({ code: 'refused', details: { phase: 'preflight' } });
    expect(host.asked).toHaveLength(1);
    expect(host.snapshot()).toEqual(before);
  });

  test('runs the phases that were named, and changes nothing in a dry run', async () => {
    const host = usedMachine();
    const before = host.snapshot();
    const { result, error } = await attempt(host, { only: ['cleanup-node'], dryRun: true });
    expect(error).toBeUndefined();
    expect(result?.phases).toEqual(['cleanup-node']);
    expect(host.snapshot()).toEqual(before);
  });

  test('refuses a certificates directory that is not an absolute path, before anything is removed', async () => {
    const host = usedMachine();
    const before = host.snapshot();
    const { error } = await attempt(host, { force: true, certificatesDir: 'pki' });
    expect(error).toMatchObject({ code: 'config-invalid', place: { path: 'certificatesDir' } });
    expect(host.snapshot()).toEqual(before);
  });

  test('takes a socket without a scheme as the configuration does, over that of a file', async () => {
    const host = usedMachine();
    const sockets: string[] = [];
    const cri: typeof host.cri = (endpoint) => {
      sockets.push(endpoint);
      return host.cri(endpoint);
    };
    const configText =
      'apiVersion: kubeadm.k8s.io/v1beta4\nkind: ResetConfiguration\ncriSocket: unix:///run/other.sock\n';
    await runReset({ ...host, cri }, { configText, criSocket: '/run/x.sock', force: true });
    expect(sockets).toEqual(['unix:///run/x.sock']);
  });

  test('is interrupted before it deletes, and goes on from there', async () => {
    const host = usedMachine();
    const stop = new AbortController();
    host.gate.onWrite(({ kind }) => kind === 'service' && stop.abort(new Error('interrupted by SIGTERM')));
    const request = { fields: { criSocket: 'unix:///run/x.sock' }, force: true };
    await expect(runReset(host, request, { signal: stop.signal })).rejects.toMatchObject({
      code: 'interrupted',
      hint: expect.stringContaining('Run the same command to go on from there'),
    });
    expect(host.snapshot()['/etc/kubernetes/pki/ca.crt']).toBeDefined();
    await runReset(host, request);
    expect(host.snapshot()['/etc/kubernetes/pki/ca.crt']).toBeUndefined();
    expect(host.snapshot()['/var/lib/kubeadm/']).toBeUndefined();
  });

  test('refuses all beside single checks', async () => {
    const { error } = await attempt(usedMachine(), { ignorePreflightErrors: ['All', 'swap'] });
    expect(error).toMatchObject({ code: 'usage' });
  });
});
