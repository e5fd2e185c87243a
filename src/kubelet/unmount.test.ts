import { describe, expect, test } from 'vitest';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { unmountBelow } from './unmount.ts';

const directory = '/var/lib/kubelet';
const mounts = (...points: readonly string[]) => ({
  '/proc/mounts': points.map((point) => `tmpfs ${point} tmpfs rw 0 0\n`).join(''),
});

function machine(...points: readonly string[]) {
  const host = createMemoryHost({ files: mounts(...points) });
  for (const point of points) host.disk.mountPoints.add(point.replaceAll('\\040', ' '));
  const events: KubeadmEvent[] = [];
  const { signal } = new AbortController();
  const emit = (event: KubeadmEvent) => events.push(event);
  return {
    host,
    events,
    run: () => unmountBelow(host, directory, { flags: [], emit, signal, topic: 'reset' }),
  };
}

describe('unmountBelow', () => {
  test('unmounts only mounts below the directory', async () => {
    const { host, run } = machine(directory, `${directory}/pods/a`, '/var/lib/kubelet2/b', `${directory}/c`);
    await run();
    expect([...host.disk.mountPoints]).toEqual([directory, '/var/lib/kubelet2/b']);
  });

  test('reads the octal escapes in /proc/mounts', async () => {
    const { host, run } = machine(`${directory}/a\\040b`);
    await run();
    expect([...host.disk.mountPoints]).toEqual([]);
  });

  test('warns about EINVAL and goes on', async () => {
    const { host, events, run } = machine(`${directory}/a`, `${directory}/a`, `${directory}/b`);
    await run();
    expect([...host.disk.mountPoints]).toEqual([]);
    expect(events.filter(({ type }) => type === 'warning')).toHaveLength(1);
  });

  test('tries all mounts, then fails and names each that remains', async () => {
    const { host, run } = machine(`${directory}/a`, `${directory}/b`, `${directory}/c`);
    host.disk.fail(`${directory}/a`, 'EBUSY');
    host.disk.fail(`${directory}/c`, 'EPERM');
    await expect(run()).rejects.toThrow(/kubelet\/c: .*not permitted; .*kubelet\/a: .*busy/);
    expect(host.disk.mountPoints.has(`${directory}/b`)).toBe(false);
  });

  test('unmounts the latest mount first, so that no mount is busy because of one below it', async () => {
    const { host } = machine(`${directory}/pods/a`, `${directory}/pods/a/volumes/b`, `${directory}/c`);
    const order: string[] = [];
    const mounts = { unmount: async (path: string) => void order.push(path) };
    await unmountBelow({ files: host.files, mounts }, directory, {
      flags: [],
      emit: () => {},
      signal: new AbortController().signal,
      topic: 'reset',
    });
    expect(order).toEqual([`${directory}/c`, `${directory}/pods/a/volumes/b`, `${directory}/pods/a`]);
  });

  test('stops before the next mount when the signal is aborted', async () => {
    const { host } = machine(`${directory}/a`, `${directory}/b`);
    const stop = new AbortController();
    host.gate.onWrite(() => stop.abort(new Error('interrupted')));
    const run = unmountBelow(host, directory, {
      flags: [],
      emit: () => {},
      signal: stop.signal,
      topic: 'reset',
    });
    await expect(run).rejects.toThrow('interrupted');
    expect([...host.disk.mountPoints]).toEqual([`${directory}/a`]);
  });
});
