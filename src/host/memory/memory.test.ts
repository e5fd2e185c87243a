import { expect, test } from 'vitest';
import { KubeApiError, NetError } from '../../errors.ts';
import { Crash, createMemoryHost } from './index.ts';

const kubeconfig = {
  currentContext: 'a',
  contexts: [{ name: 'a', cluster: 'c', user: 'u' }],
  clusters: [{ name: 'c', server: 'https://10.0.0.5:6443' }],
  users: [{ name: 'u' }],
};
const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', namespace: 'kube-system' },
  data: { a: '1' },
};
const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', namespace: 'kube-system' };

test('after a power cut the written files stay, and every call throws until the restart', async () => {
  const host = createMemoryHost();
  host.gate.crashAfter(2);
  await host.files.write('/etc/a', 'one', { mode: 0o600 });
  await expect(host.files.readText('/etc/a')).rejects.toThrow(Crash);
  await expect(host.clock.sleep(1)).rejects.toThrow(Crash);
  await expect(host.kube(kubeconfig).get(ref)).rejects.toThrow(Crash);
  host.gate.restart();
  expect(await host.files.readText('/etc/a')).toBe('one');
});

test('a write that is cut off leaves the old file and a temporary dot file', async () => {
  const host = createMemoryHost({ files: { '/etc/a': 'old' } });
  host.gate.crashAfter(1);
  await expect(host.files.write('/etc/a', 'new', { mode: 0o600 })).rejects.toThrow(Crash);
  host.gate.restart();
  expect(await host.files.readText('/etc/a')).toBe('old');
  const names = await host.files.list('/etc');
  expect(names?.filter((name) => name.startsWith('.a.'))).toHaveLength(1);
});

test('a device stays when it is written to, and a file of another user in /tmp is refused', async () => {
  const files = {
    '/dev/null': { other: true },
    '/etc/a': { link: '/dev/null' },
    '/tmp/a': { data: 'old', uid: 1000 },
    '/etc/b': { data: 'old', uid: 1000 },
  } as const;
  const host = createMemoryHost({ files });
  await host.files.write('/etc/a', 'new', { mode: 0o600 });
  expect(await host.files.stat('/etc/a')).toMatchObject({ kind: 'other' });
  await expect(host.files.write('/tmp/a', 'new', { mode: 0o600 })).rejects.toMatchObject({ errno: 'EACCES' });
  expect(await host.files.readText('/tmp/a')).toBe('old');
  await host.files.write('/etc/b', 'new', { mode: 0o600 });
  expect(await host.files.stat('/etc/b')).toMatchObject({ uid: 1000 });
});

test('a copy fails with ENOSPC if there is too little room', async () => {
  const host = createMemoryHost({ files: { '/etc/a': 'text' } });
  host.disk.freeSpace = 3;
  await expect(host.files.copyTree('/etc/a', '/etc/b')).rejects.toMatchObject({ errno: 'ENOSPC' });
  host.disk.freeSpace = 4;
  await host.files.copyTree('/etc/a', '/etc/b');
  expect(await host.files.readText('/etc/b')).toBe('text');
});

test('starting a service can bring up the API server', async () => {
  const host = createMemoryHost();
  host.api.reachable = false;
  const kubelet = host.units.get('kubelet');
  if (kubelet !== undefined) {
    kubelet.onStart = () => {
      host.api.reachable = true;
    };
  }
  const client = host.kube(kubeconfig);
  await expect(client.get(ref)).rejects.toThrow(NetError);
  await host.services.restart('kubelet');
  await expect(client.get(ref)).rejects.toThrow(KubeApiError);
  expect((await client.raw('/livez')).status).toBe(200);
});

test('the API of a memory host creates an object once, checks versions on update, patches, selects and deletes', async () => {
  const client = createMemoryHost().kube(kubeconfig);
  const created = await client.create(configMap);
  await expect(client.create(configMap)).rejects.toMatchObject({ status: 409, reason: 'AlreadyExists' });
  await client.update({ ...created, data: { a: '2' } });
  await expect(client.update({ ...created, data: { a: '3' } })).rejects.toMatchObject({ reason: 'Conflict' });
  const patched = await client.patch(ref, 'merge', {
    metadata: { labels: { l: 'v' } },
    data: { a: null, b: '1' },
  });
  expect(patched.data).toEqual({ b: '1' });
  const { items: listed } = await client.list('v1', 'ConfigMap', {
    labelSelector: 'l in (v, w),!m',
    fieldSelector: 'metadata.name=x',
  });
  expect(listed).toHaveLength(1);
  await client.delete(ref);
  await expect(client.get(ref)).rejects.toMatchObject({ status: 404 });
});

test('a strategic patch replaces the whole list of taints', async () => {
  const client = createMemoryHost().kube(kubeconfig);
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] },
  };
  await client.create(node);
  const result = await client.patch({ apiVersion: 'v1', kind: 'Node', name: 'n' }, 'strategic', {
    spec: { taints: [{ key: 'b', effect: 'NoExecute' }] },
  });
  expect(result.spec).toEqual({
    taints: [{ key: 'b', effect: 'NoExecute' }],
  });
});

test('a test can answer a request with an error', async () => {
  const host = createMemoryHost();
  host.api.intercept = ({ verb }) =>
    verb === 'create' ? new KubeApiError(403, 'Forbidden', 'no') : undefined;
  await expect(host.kube(kubeconfig).create(configMap)).rejects.toMatchObject({ reason: 'Forbidden' });
});

test('a watch yields the existing objects and then the changes', async () => {
  const client = createMemoryHost().kube(kubeconfig);
  await client.create(configMap);
  const stop = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const { type, object } of client.watch('v1', 'ConfigMap', {
      namespace: 'kube-system',
      signal: stop.signal,
    })) {
      seen.push(`${type} ${object.metadata.name}`);
      if (type === 'DELETED') stop.abort();
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await client.patch(ref, 'merge', { data: { c: '1' } });
  await client.delete(ref);
  await watching;
  expect(seen).toEqual(['ADDED x', 'MODIFIED x', 'DELETED x']);
});

test('a clock moved by hand wakes sleepers in order', async () => {
  const host = createMemoryHost({ time: 'manual' });
  const woken: number[] = [];
  const sleepers = [300, 100].map((ms) => host.clock.sleep(ms).then(() => woken.push(ms)));
  await host.time.advance(200);
  expect(woken).toEqual([100]);
  await host.time.advance(200);
  await Promise.all(sleepers);
  expect(woken).toEqual([100, 300]);
  expect(host.clock.monotonic()).toBe(400);
});
