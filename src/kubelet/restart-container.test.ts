import { expect, test } from 'vitest';
import type { ContainerStatus } from '../clients/cri/cri-client.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { restartContainer } from './restart-container.ts';

const criSocket = 'unix:///run/containerd/containerd.sock';

function container(id: string, podSandboxId: string, state: ContainerStatus['state']): ContainerStatus {
  const times = { startedAt: 1, finishedAt: 0, logPath: '' };
  return { id, podSandboxId, name: 'etcd', attempt: 0, state, ...times };
}

function machine() {
  const host = createMemoryHost();
  const events: KubeadmEvent[] = [];
  const sandboxes = { own: ['etcd-cp2', 'kube-system'], other: ['etcd-cp2', 'default'] } as const;
  for (const [id, [name, namespace]] of Object.entries(sandboxes))
    host.runtime.sandboxes.set(id, { id, name, namespace, uid: id, state: 'ready' });
  const containers = [
    container('old', 'own', 'exited'),
    container('foreign', 'other', 'running'),
    container('new', 'own', 'running'),
  ];
  for (const one of containers) host.runtime.containers.set(one.id, one);
  const emit = (event: KubeadmEvent): void => void events.push(event);
  return { host, events, restart: () => restartContainer(host, { component: 'etcd', criSocket, emit }) };
}

test('only the running container of the static Pod is ended', async () => {
  const { host, restart } = machine();
  expect(await restart()).toBe(true);
  expect(host.gate.writes.map(({ target }) => target)).toEqual(['stopContainer new']);
});

test('a container that does not run is not restarted', async () => {
  const { host, restart } = machine();
  host.runtime.containers.delete('new');
  expect(await restart()).toBe(false);
  expect(host.gate.writes).toEqual([]);
});

test('a runtime that fails is a detail', async () => {
  const { events, host, restart } = machine();
  host.runtime.stopErrors.set('new', 'busy');
  expect(await restart()).toBe(false);
  expect(events).toEqual([
    { type: 'detail', verbosity: 1, topic: 'etcd', message: 'unable to restart the container etcd: busy' },
  ]);
});

test('a container that ends while it is being ended is restarted, although the runtime reports an error', async () => {
  const { host, restart } = machine();
  host.runtime.stopErrors.set('new', 'ttrpc: closed');
  const restarted = restart();
  await host.time.advance(200);
  host.runtime.containers.set('new', container('new', 'own', 'exited'));
  await host.time.advance(1_000);
  expect(await restarted).toBe(true);
});
