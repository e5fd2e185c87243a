import { expect, test } from 'vitest';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { endOtherApiServers } from './end-api-server.ts';

const url = 'https://10.0.0.5:6443/livez';
const ending = { criSocket: 'unix:///run/x.sock', nodeName: 'cp1', url };

/** A machine with a running API server in the Pod `earlier` and another one in the Pod `new`. */
function machine(): MemoryHost {
  const host = createMemoryHost();
  for (const uid of ['earlier', 'new']) {
    const name = 'kube-apiserver-cp1';
    const state = 'ready';
    host.runtime.sandboxes.set(uid, { id: uid, name, namespace: 'kube-system', uid, state });
    host.runtime.containers.set(`of-${uid}`, {
      id: `of-${uid}`,
      podSandboxId: uid,
      name: 'kube-apiserver',
      attempt: 0,
      state: 'running',
      startedAt: 1,
      finishedAt: 0,
      logPath: '',
    });
  }
  return host;
}

test('only the earlier API server is ended, 7 s after it has closed its port', async () => {
  const host = machine();
  const start = host.clock.monotonic();
  const elapsed = (): number => host.clock.monotonic() - start;
  let closedAt: number | undefined;
  host.machine.answers.set(url, () => {
    if (elapsed() > 3_000) {
      host.machine.answers.delete(url);
      closedAt = elapsed();
    }
    return { status: 200, body: 'ok' };
  });
  const { signal } = new AbortController();
  await endOtherApiServers(host, ending, { isWanted: (uid) => uid === 'new', signal });
  expect(host.gate.writes.map(({ target }) => target)).toEqual(['stopContainer of-earlier']);
  expect(elapsed()).toBeGreaterThanOrEqual((closedAt ?? 0) + 7_000);
});

test('an API server that keeps its port open is not ended', async () => {
  const host = machine();
  host.machine.answers.set(url, { status: 200, body: 'ok' });
  const { signal } = new AbortController();
  await expect(endOtherApiServers(host, ending, { isWanted: () => false, signal })).rejects.toThrow(
    `the end of the API server at ${url}`,
  );
  expect(host.gate.writes).toEqual([]);
});
