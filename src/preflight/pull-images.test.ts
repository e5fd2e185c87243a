import { describe, expect, test } from 'vitest';
import type { NodeRegistration } from '../config/hub.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { pullImages } from './pull-images.ts';

const images = ['registry.k8s.io/a:1', 'registry.k8s.io/b:1', 'registry.k8s.io/pause:3.10.2'];
const pauseImage = 'registry.k8s.io/pause:3.10.2';

async function pull(
  node: Partial<NodeRegistration>,
  prepare: (host: MemoryHost) => void = () => undefined,
  signal = new AbortController().signal,
) {
  const host = createMemoryHost();
  prepare(host);
  const events: KubeadmEvent[] = [];
  const request = {
    images,
    pauseImage,
    node: {
      criSocket: 'unix:///run/x.sock',
      imagePullPolicy: 'IfNotPresent',
      imagePullSerial: true,
      ...node,
    },
  } as const;
  const result = await pullImages(host, request, { emit: (event) => events.push(event), signal });
  const pulls = host.runtime.calls.filter((call) => call.startsWith('pullImage'));
  return { host, events, result, pulls };
}

describe('pullImages', () => {
  test('pulls what is missing, one after the other', async () => {
    const { events, result, pulls, host } = await pull({}, ({ runtime }) =>
      runtime.images.add(images[1] ?? ''),
    );
    expect(result).toEqual({ warnings: [], errors: [] });
    expect(pulls).toEqual([`pullImage ${images[0]}`, `pullImage ${images[2]}`]);
    expect([...host.runtime.images].sort()).toEqual([...images].sort());
    expect(events).toEqual([
      { type: 'images-pulling', count: 3 },
      { type: 'image-pulling', image: images[0] },
      { type: 'image-pulled', image: images[0], milliseconds: 0, present: false },
      { type: 'image-pulled', image: images[1], milliseconds: 0, present: true },
      { type: 'image-pulling', image: images[2] },
      { type: 'image-pulled', image: images[2], milliseconds: 0, present: false },
    ]);
  });

  test('obeys the policy', async () => {
    const all = (host: MemoryHost) => {
      for (const image of images) host.runtime.images.add(image);
    };
    expect((await pull({ imagePullPolicy: 'Always' }, all)).pulls).toHaveLength(3);
    expect((await pull({ imagePullPolicy: 'IfNotPresent' }, all)).pulls).toEqual([]);
    const never = await pull({ imagePullPolicy: 'Never' });
    expect([never.pulls, never.result.errors]).toEqual([[], []]);
    const empty = await pull({ imagePullPolicy: '' });
    expect(empty.pulls).toEqual([]);
    expect(empty.result.errors).toEqual([expect.stringContaining('unsupported pull policy ""')]);
  });

  test('tries up to 5 times, and names every image that is left', async () => {
    let asked = 0;
    const { pulls, result } = await pull({}, ({ runtime }) => {
      runtime.pullErrors.set(images[0] ?? '', () => (++asked < 3 ? 'connection reset by peer' : undefined));
      runtime.pullErrors.set(images[1] ?? '', 'i/o timeout');
      runtime.pullErrors.set(images[2] ?? '', 'i/o timeout');
    });
    expect(pulls).toHaveLength(3 + 5 + 5);
    expect(result.errors).toEqual([
      expect.stringMatching(/^failed to pull image registry\.k8s\.io\/b:1 \(5 tries\): .*i\/o timeout/),
      expect.stringMatching(/^failed to pull image registry\.k8s\.io\/pause:3\.10\.2 \(5 tries\)/),
    ]);
  });

  test.each(['not found', '401 Unauthorized', 'dial tcp: lookup registry.k8s.io: no such host'])(
    'does not try again after "%s"',
    async (message) => {
      const { pulls, host } = await pull({}, ({ runtime }) =>
        runtime.pullErrors.set(images[0] ?? '', message),
      );
      expect(pulls).toHaveLength(3);
      expect(host.clock.monotonic()).toBe(0);
    },
  );

  test('pulls side by side, and keeps the order of the failures', async () => {
    const { result } = await pull({ imagePullSerial: false }, ({ runtime }) => {
      let open = 0;
      const wait = () => {
        open += 1;
        return `not found, ${open} before`;
      };
      for (const image of images) runtime.pullErrors.set(image, wait);
    });
    expect(result.errors.map((text) => /image (\S+): /.exec(text)?.[1])).toEqual(images);
  });

  test('stops when the run is broken off', async () => {
    const { pulls, result } = await pull({}, undefined, AbortSignal.abort());
    expect(pulls).toEqual([]);
    expect(result.errors).toHaveLength(3);
  });

  test('warns of another sandbox image, and not when it is not told', async () => {
    const other = await pull({}, ({ runtime }) => {
      runtime.sandboxImage = 'k8s.gcr.io/pause:3.2';
    });
    expect(other.events[0]).toMatchObject({
      type: 'warning',
      code: 'sandbox-image-differs',
      message: expect.stringMatching(/k8s\.gcr\.io\/pause:3\.2.*registry\.k8s\.io\/pause:3\.10\.2/),
    });
    const silent = await pull({}, ({ runtime }) => {
      runtime.sandboxImage = undefined;
    });
    expect(silent.events.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  test('waits for a runtime that is restarted before it looks for an image', async () => {
    const { events, host, pulls, result } = await pull({ imagePullSerial: false }, (machine) => {
      const { runtime } = machine;
      for (const image of images) runtime.images.add(image);
      Object.defineProperty(runtime, 'reachable', {
        get: () =>
          runtime.calls.at(-1)?.startsWith('hasImage') !== true || machine.clock.monotonic() >= 3_000,
      });
    });
    expect(result).toEqual({ warnings: [], errors: [] });
    expect(pulls).toEqual([]);
    expect(host.clock.monotonic()).toBeLessThan(4_000);
    expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  test('fails if the runtime has stopped meanwhile', async () => {
    const { host, pulls, result } = await pull({}, ({ runtime }) => {
      Object.defineProperty(runtime, 'reachable', {
        get: () => runtime.calls.at(-1)?.startsWith('hasImage') !== true,
      });
    });
    expect(result.errors).toEqual([expect.stringContaining('could not connect to the container runtime')]);
    expect(pulls).toEqual([]);
    expect(host.clock.monotonic()).toBeLessThan(11_000);
  });

  test('fails without a runtime whatever the policy', async () => {
    const { result } = await pull({ imagePullPolicy: 'Never' }, ({ runtime }) => {
      runtime.reachable = false;
    });
    expect(result.errors).toEqual([expect.stringContaining('could not connect to the container runtime')]);
  });
});
