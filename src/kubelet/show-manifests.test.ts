import { expect, test } from 'vitest';

import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { showUntilTaken } from './show-manifests.ts';

const components = ['etcd', 'kube-apiserver', 'kube-scheduler'];
const what = 'the sandboxes of the static Pods';

/** Manifests of etcd and of the API server, and a kubelet that has not read them yet. */
function showing() {
  const host = createMemoryHost({
    time: 'manual',
    files: { '/etc/kubernetes/manifests/etcd.yaml': '', '/etc/kubernetes/manifests/kube-apiserver.yaml': '' },
  });
  const shown: string[] = [];
  const chmod: typeof host.files.chmod = async (file, mode) => {
    shown.push(file.replace(/.*\//, ''));
    await host.files.chmod(file, mode);
  };
  const takes = (component: string): void => {
    const pod = {
      name: `${component}-cp1`,
      namespace: 'kube-system',
      uid: component,
      state: 'ready',
    } as const;
    host.runtime.sandboxes.set(component, { id: component, ...pod });
  };
  const events: KubeadmEvent[] = [];
  const stop = new AbortController();
  const context = { emit: (event: KubeadmEvent) => void events.push(event), signal: stop.signal };
  const criSocket = 'unix:///var/run/containerd/containerd.sock';
  const done = showUntilTaken(
    { ...host, files: { ...host.files, chmod } },
    { criSocket, components, context },
  );
  return { host, shown, takes, events, stop, done };
}

test('the wait for static Pods touches each manifest until it has a sandbox, and reports the wait', async () => {
  const { host, shown, takes, events, done } = showing();
  const before = host.snapshot();
  await host.time.advance(600);
  expect(shown).toEqual(['etcd.yaml', 'kube-apiserver.yaml', 'etcd.yaml', 'kube-apiserver.yaml']);
  takes('etcd');
  await host.time.advance(500);
  expect(shown.slice(4)).toEqual(['kube-apiserver.yaml']);
  takes('kube-apiserver');
  await host.time.advance(500);
  await done;
  expect(shown).toHaveLength(5);
  expect(events).toEqual([
    { type: 'waiting', topic: 'kubelet-check', for: what, timeoutMs: 20_000 },
    { type: 'waited', topic: 'kubelet-check', for: what, milliseconds: 1500 },
  ]);
  expect(host.snapshot()).toEqual(before);
});

test('the wait for static Pods ends after fileCheckFrequency, even if the runtime does not answer', async () => {
  const { host, shown, events, done } = showing();
  host.runtime.reachable = false;
  await host.time.advance(20_000);
  await done;
  expect(shown).toHaveLength(82);
  expect(events.map(({ type }) => type)).toEqual(['waiting']);
});

test('the wait for static Pods changes nothing after its signal is aborted', async () => {
  const { host, shown, stop, done } = showing();
  await host.time.advance(100);
  const before = shown.length;
  stop.abort(new Error('stop'));
  await host.time.advance(20_000);
  await done;
  expect(shown).toHaveLength(before);
});
