import { expect, test } from 'vitest';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { startKubelet, stopKubelet } from './service.ts';

const hang = async (): Promise<void> => await new Promise(() => undefined);

test.each([
  ['start', startKubelet],
  ['stop', stopKubelet],
] as const)('a %s of the kubelet that hangs ends when the run is interrupted', async (_, change) => {
  const host = createMemoryHost({
    services: { kubelet: { active: true, enabled: true, onStart: hang, onStop: hang } },
  });
  const stop = new AbortController();
  const events: KubeadmEvent[] = [];
  const changing = change(host.services, { emit: (event) => events.push(event), signal: stop.signal });
  const reason = new Error('by SIGINT');
  setImmediate(() => stop.abort(reason));
  await expect(changing).rejects.toBe(reason);
  expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
});
