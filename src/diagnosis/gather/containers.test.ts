import { expect, test } from 'vitest';
import type { ContainerStatus } from '../../clients/cri/cri-client.ts';
import { createMemoryHost, type MemoryHost } from '../../host/memory/index.ts';
import { containerGatherer, type GatherOptions } from './containers.ts';

const names = ['etcd', 'kube-apiserver'];

function gather(host: MemoryHost) {
  const { look } = gatherer(host);
  return async () => (await look()).components;
}

function gatherer(host: MemoryHost, options: Pick<GatherOptions, 'endingPods'> = {}) {
  return containerGatherer(host, host.cri('unix:///run/containerd/containerd.sock'), {
    components: names,
    since: new Date(10_000),
    ...options,
  });
}

const createdAt: Readonly<Record<string, number>> = { s: 10_500, new: 20_000, gone: 30_000 };

function sandbox(
  host: MemoryHost,
  id: string,
  pod = 'kube-apiserver-cp',
  state: 'ready' | 'notready' = 'ready',
) {
  host.runtime.sandboxes.set(id, {
    id,
    name: pod,
    namespace: 'kube-system',
    uid: id,
    state,
    createdAt: createdAt[id] ?? 0,
  });
}

function container(host: MemoryHost, attempt: number, changes: Partial<ContainerStatus> = {}): void {
  const logPath = `/var/log/pods/a/${attempt}.log`;
  const podSandboxId = changes.podSandboxId ?? 's';
  const id = `${podSandboxId}-${attempt}`;
  host.disk.put({ [logPath]: `2026-01-01T00:00:00Z stderr F Error: try ${attempt}\n` });
  host.runtime.containers.set(id, {
    id,
    podSandboxId,
    name: 'kube-apiserver',
    attempt,
    state: 'exited',
    exitCode: 1,
    reason: 'Error',
    startedAt: 11_000,
    finishedAt: 11_084,
    logPath,
    ...changes,
  });
}

test('a Pod that the kubelet is about to end is not the Pod of its component', async () => {
  const host = createMemoryHost();
  const { look } = gatherer(host, { endingPods: new Set(['s']) });
  sandbox(host, 's');
  container(host, 0, { state: 'running' });
  expect((await look()).components[1]).toMatchObject({ state: 'no-sandbox', exits: 0, runs: [] });
  container(host, 0, { state: 'exited', exitCode: 137, finishedAt: 41_000 });
  sandbox(host, 'new');
  container(host, 0, { state: 'running', podSandboxId: 'new' });
  expect((await look()).components[1]).toMatchObject({ state: 'running', exits: 0, runs: [] });
});

test('the look at containers remembers runs that the kubelet has removed, and counts those that it never saw', async () => {
  const host = createMemoryHost();
  const look = gather(host);
  expect(await look()).toEqual(names.map((name) => ({ name, state: 'no-sandbox', exits: 0, runs: [] })));
  sandbox(host, 's');
  expect((await look())[1]).toMatchObject({ state: 'no-container' });
  container(host, 1);
  container(host, 2, { state: 'running' });
  const run = { attempt: 1, exitCode: 1, reason: 'Error', message: '', ranMs: 84, endedAt: 11_084 };
  expect((await look())[1]).toEqual({
    name: 'kube-apiserver',
    state: 'running',
    exits: 2,
    runs: [{ ...run, log: ['Error: try 1'] }],
    runsForMs: host.clock.now().getTime() - 11_000,
  });
  host.runtime.containers.clear();
  container(host, 2);
  const [, seen] = await look();
  expect(seen).toMatchObject({ state: 'exited', exits: 3 });
  expect(seen?.runs.map(({ attempt }) => attempt)).toEqual([1, 2]);
});

test('the look at containers shows no secret that the runtime repeats', async () => {
  const host = createMemoryHost();
  sandbox(host, 's');
  const token = 'abcdef.0123456789abcdef';
  container(host, 0, { reason: `R ${token}`, message: `exec: "--token=${token}": not found` });
  expect((await gather(host)())[1]?.runs).toMatchObject([
    { reason: 'R abcdef.<secret>', message: 'exec: "--token=abcdef.<secret>": not found' },
  ]);
});

test('the look at containers takes nothing that ended before for evidence', async () => {
  const host = createMemoryHost();
  sandbox(host, 'old');
  container(host, 5, { podSandboxId: 'old', finishedAt: 9_999 });
  const look = gather(host);
  expect((await look())[1]).toMatchObject({ state: 'exited', exits: 0, runs: [] });
  container(host, 6, { podSandboxId: 'old' });
  expect((await look())[1]).toMatchObject({ exits: 1 });
  sandbox(host, 'new');
  container(host, 0, { podSandboxId: 'new', state: 'running' });
  expect((await look())[1]).toMatchObject({ state: 'running', exits: 0, runs: [] });
});

test('the look at containers counts what it did not see itself in a sandbox that is new', async () => {
  const host = createMemoryHost();
  sandbox(host, 's');
  container(host, 1);
  expect((await gather(host)())[1]).toMatchObject({ exits: 2 });
});

test('the look at containers is not misled by Pods of other names, other namespaces or sandboxes that were stopped', async () => {
  const host = createMemoryHost();
  const look = gather(host);
  await look();
  sandbox(host, 'gone', 'kube-apiserver-cp', 'notready');
  host.runtime.sandboxes.set('other', {
    id: 'other',
    name: 'etcd-backup',
    namespace: 'default',
    uid: 'o',
    state: 'ready',
  });
  expect((await look()).map(({ state }) => state)).toEqual(['no-sandbox', 'no-sandbox']);
});

test('the look at containers does not count what the logs of an earlier cluster stand for', async () => {
  const host = createMemoryHost();
  const pod = '/var/log/pods/kube-system_kube-apiserver-cp_s/kube-apiserver';
  host.disk.put({ [`${pod}/22.log`]: '', [`${pod}/21.log.20260101-000000.gz`]: '' });
  const { begin, look } = gatherer(host);
  const find = async () => (await look()).components[1];
  await begin();
  sandbox(host, 's');
  container(host, 23);
  expect(await find()).toMatchObject({ exits: 1 });
  host.runtime.containers.clear();
  container(host, 25);
  expect(await find()).toMatchObject({ exits: 3 });
});
