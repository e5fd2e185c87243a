import { expect, test } from 'vitest';

import { CriError } from '../errors.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { removePods } from './remove-pods.ts';

test('at most 8 Pods are removed at the same time', async () => {
  const host = createMemoryHost();
  for (let index = 0; index < 30; index++) {
    const id = `pod${index}`;
    host.runtime.sandboxes.set(id, { id, name: id, namespace: 'default', uid: id, state: 'ready' });
  }
  let running = 0;
  let most = 0;
  const cri: typeof host.cri = (endpoint) => {
    const client = host.cri(endpoint);
    return {
      ...client,
      stopPodSandbox: async (id) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        await client.stopPodSandbox(id);
        running -= 1;
      },
    };
  };
  const { signal } = new AbortController();
  const context = { emit: () => undefined, signal, topic: 'reset' };
  await removePods({ ...host, cri }, 'unix:///run/x.sock', { settledAt: 0, ...context });
  expect(host.runtime.sandboxes.size).toBe(0);
  expect(most).toBe(8);
});

test('a runtime that hangs gets two tries, and then the Pod counts as left', async () => {
  const host = createMemoryHost();
  host.runtime.sandboxes.set('a', { id: 'a', name: 'a', namespace: 'default', uid: 'a', state: 'ready' });
  let tries = 0;
  const cri: typeof host.cri = (endpoint) => ({
    ...host.cri(endpoint),
    stopPodSandbox: async () => {
      tries += 1;
      await host.clock.sleep(10_000);
      throw new CriError('deadline_exceeded', 'the operation timed out');
    },
  });
  const context = { emit: () => undefined, signal: new AbortController().signal, topic: 'reset' };
  const removal = removePods({ ...host, cri }, 'unix:///run/x.sock', { settledAt: 0, ...context });
  await expect(removal).rejects.toThrow(/failed to remove Pod default\/a .*timed out/);
  expect(tries).toBe(2);
});
