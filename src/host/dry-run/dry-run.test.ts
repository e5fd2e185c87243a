import { describe, expect, test } from 'vitest';

import { applyCoredns } from '../../addons/apply-coredns.ts';
import { renderText } from '../../cli/render/text.ts';
import type { KubeObject } from '../../clients/kube/kube-client.ts';
import { KubeApiError } from '../../errors.ts';
import type { KubeadmEvent } from '../../events.ts';
import { initInput } from '../../phases/init/input.fixture.ts';
import { nodePaths } from '../../phases/node-paths.ts';
import { createMemoryHost, type MemoryHostOptions } from '../memory/index.ts';
import { createDryRun } from './index.ts';
import { madeUp } from './made-up.ts';

const directory = '/etc/kubernetes/tmp/kubeadm-init-dryrun1';
const certificatesDir = '/etc/kubernetes/pki';
const kubeconfigDir = '/etc/kubernetes';

function dryRun(options: MemoryHostOptions = {}) {
  const real = createMemoryHost({
    ...options,
    files: { [directory]: { directory: true, mode: 0o700 }, ...options.files },
  });
  const events: KubeadmEvent[] = [];
  const paths = nodePaths({ certificatesDir, kubeconfigDir });
  const host = createDryRun(real, { directory, paths, madeUp: madeUp.init }).host(
    (event) => void events.push(event),
  );
  /** What the user reads, without topic. */
  const lines = (kind: (event: KubeadmEvent) => boolean): readonly string[] =>
    events
      .filter(kind)
      .flatMap((event) => renderText(event, 1)?.text.trimEnd().split('\n') ?? [])
      .map((line) => line.replace(/^(detail: )?\[dryrun\] /, ''));
  const notes = (): readonly string[] => lines(({ type }) => type !== 'would-call');
  const calls = (): readonly string[] =>
    lines(({ type }) => type === 'would-call').filter((line) => /^(Would|Resource|Attached)/.test(line));
  return { real, host, events, notes, calls };
}

describe('files', () => {
  test.each([
    [`${certificatesDir}/ca.crt`, `${directory}/ca.crt`],
    [`${certificatesDir}/etcd/ca.key`, `${directory}/etcd/ca.key`],
    ['/etc/kubernetes/manifests/etcd.yaml', `${directory}/etcd.yaml`],
    ['/etc/kubernetes/admin.conf', `${directory}/admin.conf`],
    ['/etc/kubernetes/kubelet.conf', `${directory}/kubelet.conf`],
    ['/var/lib/kubelet/config.yaml', `${directory}/config.yaml`],
    ['/var/lib/kubelet/kubeadm-flags.env', `${directory}/kubeadm-flags.env`],
    [`${directory}/own`, `${directory}/own`],
  ])('%s is written as %s and read from there', async (file, mapped) => {
    const { real, host } = dryRun();
    await host.files.write(file, 'new', { mode: 0o600, directoryMode: 0o700 });
    expect(await real.files.readText(mapped)).toBe('new');
    expect(await host.files.readText(file)).toBe('new');
    expect(await host.files.stat(file)).toMatchObject({ mode: 0o600, size: 3 });
    expect(real.gate.writes.every(({ target }) => target.startsWith(`${directory}/`))).toBe(true);
  });

  test('a certificates directory that is not a clean path is mapped as a clean one', async () => {
    const real = createMemoryHost({ files: { [directory]: { directory: true, mode: 0o700 } } });
    const paths = nodePaths({ certificatesDir: '/etc/kubernetes/x/../pki/', kubeconfigDir });
    const host = createDryRun(real, { directory, paths, madeUp: madeUp.init }).host(() => undefined);
    await host.files.write('/etc/kubernetes/pki/ca.crt', 'new', { mode: 0o600 });
    expect(await real.files.readText(`${directory}/ca.crt`)).toBe('new');
  });

  test.each([
    '/etc/kubernetes/other.conf',
    '/etc/kubernetes/deeper/admin.conf',
    '/etc/kubernetes/pki-of-others/ca.crt',
    '/var/lib/kubelet/other.yaml',
    '/etc/passwd',
  ])(
    'a dry run reports the write of %s, which is not a file of the run, and does not do it',
    async (file) => {
      const { real, host, notes } = dryRun();
      await host.files.write(file, 'x', { mode: 0o600, directoryMode: 0o700 });
      expect(real.gate.writes).toEqual([]);
      expect(notes()).toEqual([`Would write file "${file}"`]);
      expect(await host.files.readText(file)).toBe('x');
    },
  );

  test('the real file is read until the run has written its own', async () => {
    const file = `${certificatesDir}/ca.crt`;
    const { real, host } = dryRun({ files: { [file]: 'real' } });
    expect(await host.files.readText(file)).toBe('real');
    await host.files.write(file, 'dry', { mode: 0o600 });
    expect(await host.files.readText(file)).toBe('dry');
    expect(await host.files.read(file, { maxBytes: 2 })).toHaveLength(2);
    expect(await real.files.readText(file)).toBe('real');
    await host.files.remove(file);
    expect(await real.files.readText(file)).toBe('real');
    expect(await real.files.list(directory)).toEqual([]);
  });

  test('everything that changes other files is said, and the machine stays as it was', async () => {
    const { real, host, notes } = dryRun({
      files: { '/var/lib/etcd/member': 'data', '/etc/passwd': 'root', '/etc/kubernetes/admin.conf': 'real' },
    });
    const before = real.snapshot();
    const { files } = host;
    await files.makeDirectory('/var/lib/new', 0o700);
    await files.makeTemporaryDirectory('/var/tmp/x-');
    await files.remove('/etc/passwd');
    await files.removeContents('/var/lib/etcd');
    await files.removeTree('/var/lib/etcd');
    await files.chmod('/etc/passwd', 0o600);
    await files.chmod('/etc/kubernetes/admin.conf', 0o644);
    await files.chown('/etc/passwd', 1, 1);
    await files.withLock('/etc/passwd', async () => await files.write('/etc/passwd', 'x', { mode: 0o600 }));
    expect(real.snapshot()).toEqual(before);
    expect(real.gate.writes).toEqual([]);
    expect(notes()).toEqual([
      'Would ensure that "/var/lib/new" directory is present',
      'Would ensure that "/var/tmp/x-dryrun" directory is present',
      'Would delete "/etc/passwd"',
      'Would delete contents of the directory "/var/lib/etcd"',
      'Would delete "/var/lib/etcd"',
      'Would change the mode of "/etc/passwd" to 0600',
      'Would change the mode of "/etc/kubernetes/admin.conf" to 0644',
      'Would change the owner of "/etc/passwd" to 1:1',
      'Would write file "/etc/passwd"',
    ]);
  });

  test('a mode is changed on the file that the run wrote', async () => {
    const { real, host } = dryRun();
    await host.files.write('/etc/kubernetes/admin.conf', 'x', { mode: 0o600 });
    await host.files.chmod('/etc/kubernetes/admin.conf', 0o640);
    expect(await real.files.stat(`${directory}/admin.conf`)).toMatchObject({ mode: 0o640 });
  });
});

test('programs that change nothing run; the others, services and mounts are said', async () => {
  const { real, host, notes } = dryRun({ programs: { swapon: { stdout: 'none' }, swapoff: { code: 1 } } });
  expect(await host.exec.probe('swapon', ['--show'])).toMatchObject({ stdout: 'none' });
  expect(await host.exec.run('swapoff', ['-a'])).toEqual({ code: 0, stdout: '', stderr: '' });
  await host.services.start('a');
  await host.services.restart('kubelet');
  await host.services.stop('kubelet');
  await host.mounts.unmount('/var/lib/kubelet/pods/x', ['MNT_FORCE']);
  expect(await host.services.isActive('kubelet')).toBe(false);
  expect(real.programs.calls.map(({ program }) => program)).toEqual(['swapon']);
  expect(real.gate.writes).toEqual([]);
  expect(notes()).toEqual([
    'Would run: swapoff -a',
    'Would start the a service',
    'Would restart the kubelet service',
    'Would stop the kubelet service',
    'Would unmount "/var/lib/kubelet/pods/x"',
  ]);
});

test('the container runtime is asked and not told; so is etcd', async () => {
  const { real, host, notes } = dryRun();
  real.runtime.images.add('there');
  const member = { name: 'a', peerURLs: [], clientURLs: [], isLearner: false };
  real.etcdCluster.members.set('1', { ...member, id: '1' }).set('2', { ...member, id: '2' });
  const cri = host.cri('unix:///run/x.sock');
  expect([await cri.hasImage('there'), await cri.hasImage('gone')]).toEqual([true, false]);
  await cri.pullImage('gone');
  await cri.stopPodSandbox('s');
  const id = '0123456789abcdef';
  real.runtime.sandboxes.set(id, { id, name: 'dns', namespace: 'kube-system', uid: 'u', state: 'ready' });
  await cri.podSandboxes();
  await cri.removePodSandbox(id);
  const etcd = host.etcd(['https://127.0.0.1:2379']);
  expect((await etcd.memberRemove('1')).map(({ id }) => id)).toEqual(['2']);
  await etcd.memberAddAsLearner('https://10.0.0.9:2380');
  await etcd.memberPromote('2');
  expect(await etcd.memberList()).toHaveLength(1);
  expect(real.etcdCluster.members.size).toBe(2);
  expect(real.gate.writes).toEqual([]);
  expect(notes()).toEqual([
    'Would pull the image gone',
    'Would stop the Pod sandbox s',
    'Would remove the Pod sandbox kube-system/dns (0123456789abc)',
    'Would remove the etcd member 1 from the etcd cluster',
    'Would add the etcd member with the peer URL https://10.0.0.9:2380 as a learner',
    'Would promote the etcd member 2',
  ]);
});

describe('the API', () => {
  const kubeconfig = {
    currentContext: 'a',
    contexts: [{ name: 'a', cluster: 'c', user: 'u' }],
    clusters: [{ name: 'c', server: 'https://10.0.0.5:6443' }],
    users: [{ name: 'u' }],
  };
  const object = (name: string, data = '1'): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'kube-system' },
    data: { key: data },
  });
  const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, namespace: 'kube-system' });

  test('reads go through; what would have been written is kept for every client and reaches no server', async () => {
    const { real, host } = dryRun();
    real.api.create(object('real'));
    const client = host.kube(kubeconfig);
    expect((await client.get(ref('real'))).data).toEqual({ key: '1' });
    await client.create(object('new'));
    await client.update(object('real', '2'));
    const other = host.kube(kubeconfig);
    expect((await other.get(ref('new'))).data).toEqual({ key: '1' });
    expect((await other.get(ref('real'))).data).toEqual({ key: '2' });
    const { items: listed } = await other.list('v1', 'ConfigMap', { namespace: 'kube-system' });
    expect(listed.map(({ metadata, data }) => [metadata.name, data]).sort()).toEqual([
      ['new', { key: '1' }],
      ['real', { key: '2' }],
    ]);
    await other.delete(ref('new'));
    await expect(client.get(ref('new'))).rejects.toMatchObject({ status: 404, reason: 'NotFound' });
    expect(real.gate.writes).toEqual([]);
    expect(real.api.find(ref('new'))).toBeUndefined();
    expect(real.api.get(ref('real')).data).toEqual({ key: '1' });
  });

  test('a deleted object of the cluster is not found until it is created again', async () => {
    const { real, host } = dryRun();
    real.api.create(object('real'));
    const client = host.kube(kubeconfig);
    await client.delete(ref('real'));
    const other = host.kube(kubeconfig);
    await expect(other.get(ref('real'))).rejects.toMatchObject({ status: 404, reason: 'NotFound' });
    expect((await other.list('v1', 'ConfigMap', { namespace: 'kube-system' })).items).toEqual([]);
    await other.create(object('real', '2'));
    expect((await client.get(ref('real'))).data).toEqual({ key: '2' });
    expect(real.api.get(ref('real')).data).toEqual({ key: '1' });
  });

  test('each call is said as upstream says it, with the object as YAML', async () => {
    const { host, events, calls } = dryRun();
    const client = host.kube(kubeconfig);
    await client.create(object('x'));
    await client.patch(ref('x'), 'merge', { data: { key: '2' } });
    await client.delete(ref('x'));
    expect(calls()).toEqual([
      'Would perform action CREATE on resource "configmaps" in API group "core/v1"',
      'Attached object:',
      'Would perform action PATCH on resource "configmaps" in API group "core/v1"',
      'Resource name "x", namespace "kube-system"',
      'Attached patch: {"data":{"key":"2"}}',
      'Attached object:',
      'Would perform action DELETE on resource "configmaps" in API group "core/v1"',
      'Resource name "x", namespace "kube-system"',
    ]);
    const shown = events.find((event) => event.type === 'would-call' && event.object !== undefined);
    expect(shown).toMatchObject({ object: expect.stringContaining('kind: ConfigMap\n') });
  });

  test('an object that exists is not made again, and a patched one is kept as it would be', async () => {
    const { real, host, calls } = dryRun();
    real.api.create(object('real'));
    const client = host.kube(kubeconfig);
    await expect(client.create(object('real'))).rejects.toMatchObject({ reason: 'AlreadyExists' });
    expect(calls()).toEqual([]);
    await client.patch(ref('real'), 'merge', { data: { key: '3' } });
    expect((await host.kube(kubeconfig).get(ref('real'))).data).toEqual({ key: '3' });
    expect(real.api.get(ref('real')).data).toEqual({ key: '1' });
  });

  test('an API server that is not there holds up nothing: it is asked once, what is missing is not found', async () => {
    const { real, host } = dryRun();
    real.api.reachable = false;
    const client = host.kube(kubeconfig);
    await expect(client.get(ref('x'))).rejects.toMatchObject({ status: 404 });
    await expect(client.get(ref('y'))).rejects.toMatchObject({ status: 404 });
    expect((await client.list('v1', 'ConfigMap')).items).toEqual([]);
    expect(real.api.requests).toHaveLength(1);
  });

  test.each([401, 403, 429, 500, 503])('an answer of %i counts as nothing found', async (status) => {
    const { real, host, notes } = dryRun();
    real.api.intercept = () => new KubeApiError(status, 'Reason', 'no');
    const client = host.kube(kubeconfig);
    await expect(client.get(ref('x'))).rejects.toMatchObject({ status: 404 });
    expect((await client.list('v1', 'ConfigMap')).items).toEqual([]);
    expect(real.api.requests).toHaveLength(2);
    expect(notes()).toHaveLength(2);
    expect(notes()[0]).toMatch(/^Taken as not there: .*no/);
  });

  test('addons of a cluster that forbids its administrator to read are shown at once, each call once', async () => {
    const { real, host, calls } = dryRun();
    real.api.intercept = () => new KubeApiError(403, 'Forbidden', 'no');
    const { cluster, release } = initInput();
    const policy = { clock: real.clock, timeoutMs: 60_000 };
    await applyCoredns(
      { cluster, release, patches: undefined, emit: () => {} },
      host.kube(kubeconfig),
      policy,
    );
    expect(real.clock.monotonic()).toBe(0);
    const list = 'Would perform action LIST on resource "deployments" in API group "apps/v1"';
    expect(calls().filter((text) => text === list)).toEqual([list]);
  });

  test('waits are answered at once: health, the Node with its label, a watch that ends', async () => {
    const { real, host } = dryRun();
    real.api.reachable = false;
    const client = host.kube(kubeconfig);
    expect(await client.raw('/livez')).toEqual({ status: 200, body: 'ok' });
    const node = await client.get({ apiVersion: 'v1', kind: 'Node', name: 'n1' });
    expect(node.metadata.labels).toEqual({ 'kubernetes.io/hostname': 'n1' });
    const watching = client.watch('v1', 'Node', { signal: new AbortController().signal });
    for await (const event of watching) expect(event).toBeUndefined();
    expect(real.api.requests).toEqual([]);
    expect(real.time.port.monotonic()).toBe(0);
  });
});
