import { expect, test } from 'vitest';
import { CriError } from '../errors.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { facts } from './facts.fixture.ts';
import { createObserver } from './observer.ts';
import { rules } from './rules/index.ts';
import { watchForCause } from './watch.ts';

const criSocket = 'unix:///var/run/containerd/containerd.sock';
const components = ['etcd', 'kube-apiserver'];
const image = 'registry.k8s.io/kube-apiserver:v9.9.9';
const journal = `E1124 19:22:26.754925     217 remote_image.go:250] "PullImage from image service failed" err="not found" image="${image}"\n-- cursor: 1\n`;

function startingHost(): MemoryHost {
  const host = createMemoryHost({
    time: 'manual',
    programs: {
      systemctl: { stdout: 'ActiveState=active\nSubState=running\nNRestarts=0\nInvocationID=a\n' },
      journalctl: (args) => ({ stdout: args.some((arg) => arg.includes('cursor=')) ? '' : journal }),
    },
  });
  host.runtime.sandboxes.set('s', {
    id: 's',
    name: 'kube-apiserver-cp',
    namespace: 'kube-system',
    uid: 'u',
    state: 'ready',
  });
  return host;
}

function watch(host: MemoryHost) {
  const stop = new AbortController();
  const { signal } = stop;
  const observer = createObserver(host, { criSocket, components, since: host.clock.now(), signal });
  return { found: watchForCause(observer, { clock: host.clock, signal }), stop };
}

test('the watch for causes ends with an image that nobody can get, and shows when', async () => {
  const host = startingHost();
  host.runtime.pullErrors.set(image, 'not found');
  const { found } = watch(host);
  await host.time.advance(10_000);
  expect(await found).toMatchObject({ rule: 'image-missing', component: 'kube-apiserver', elapsedMs: 8000 });
  expect(host.runtime.calls.filter((call) => call.startsWith('pullImage'))).toHaveLength(1);
});

test('the watch for causes goes on when the pull that was to prove it succeeds', async () => {
  const host = startingHost();
  const { found, stop } = watch(host);
  await host.time.advance(60_000);
  expect(host.runtime.images).toContain(image);
  stop.abort();
  expect(await found).toBeUndefined();
});

test('a program that is asked when the wait ends is told to end, too', async () => {
  const host = startingHost();
  const asked = Promise.withResolvers<AbortSignal | undefined>();
  host.programs.programs.set('journalctl', async (_, { signal }) => {
    asked.resolve(signal);
    return await new Promise(() => undefined);
  });
  const { stop } = watch(host);
  await host.time.advance(4000);
  const signal = await asked.promise;
  expect(signal?.aborted).toBe(false);
  stop.abort();
  expect(signal?.aborted).toBe(true);
});

test('looks that take long are rare', async () => {
  const host = startingHost();
  let looks = 0;
  host.programs.programs.set('systemctl', async () => {
    looks += 1;
    await host.clock.sleep(2_000);
    return {};
  });
  const { stop } = watch(host);
  await host.time.advance(65_000);
  stop.abort();
  // The first one is that of the beginning. The others take 2 s each, and 5 s are between them.
  expect(looks).toBeLessThanOrEqual(1 + 9);
  expect(looks).toBeGreaterThanOrEqual(1 + 7);
});

test('a look that only waits for a connection without an answer does not delay the next one', async () => {
  const host = startingHost();
  const stop = new AbortController();
  const { signal } = stop;
  const observer = createObserver(host, { criSocket, components, since: host.clock.now(), signal });
  let looks = 0;
  const look = async () => {
    looks += 1;
    await host.clock.sleep(2_000);
    return facts({ connections: { '127.0.0.1:2379': 'silent' } });
  };
  void watchForCause({ ...observer, look }, { clock: host.clock, signal });
  await host.time.advance(33_000);
  stop.abort();
  // The first one begins after 3 s. The others take 2 s each, and 1 s is between them.
  expect(looks).toBeGreaterThanOrEqual(10);
});

test('the watch for causes ends with the wait, and goes on where nothing answers', async () => {
  const host = startingHost();
  host.runtime.reachable = false;
  const { found, stop } = watch(host);
  await host.time.advance(50_000);
  stop.abort();
  expect(await found).toBeUndefined();
});

test('the watch for causes ends with a runtime that has not answered for a minute', async () => {
  const host = startingHost();
  host.runtime.reachable = false;
  const { found } = watch(host);
  await host.time.advance(70_000);
  expect(await found).toMatchObject({ rule: 'runtime-stopped', component: 'containerd' });
});

test('the watch for causes ends soon with a runtime whose unit has failed, and names the reason', async () => {
  const host = startingHost();
  host.runtime.reachable = false;
  const failed = 'LoadState=loaded\nActiveState=failed\nResult=exit-code\nExecMainStatus=2\n';
  const active = 'LoadState=loaded\nActiveState=active\nSubState=running\nNRestarts=0\n';
  host.programs.programs.set('systemctl', (args) => ({
    stdout: args.includes('containerd') ? failed : active,
  }));
  host.programs.programs.set('journalctl', {
    stdout:
      'containerd: failed to load plugin: permission denied\ncontainerd.service: Failed with result exit-code.\n',
  });
  const { found } = watch(host);
  await host.time.advance(10_000);
  expect(await found).toMatchObject({
    rule: 'runtime-stopped',
    elapsedMs: 6000,
    summary: expect.stringMatching(/failed \(exit-code, exit code 2\).*permission denied$/),
  });
});

/** Lines of the kubelet's journal, which is read on from a cursor. */
function journalOf(lines: readonly string[]) {
  return (args: readonly string[]) => {
    const after = Number(args.find((arg) => arg.startsWith('--after-cursor='))?.split('=')[1] ?? 0);
    const more = lines.slice(after);
    return { stdout: more.length === 0 ? '' : `${more.join('\n')}\n-- cursor: ${lines.length}\n` };
  };
}

const noSandbox = (pod: string, err: string): string =>
  `E1124 19:21:33.490243     228 kuberuntime_sandbox.go:70] "Failed to create sandbox for pod" err="${err}" pod="kube-system/${pod}"`;
const pause = 'registry.k8s.io/pause:3.10.2';
const noPause = `failed to get sandbox image \\"${pause}\\": failed to pull image`;

function addSandbox(host: MemoryHost, pod: string): void {
  host.runtime.sandboxes.set(pod, {
    id: pod,
    name: pod,
    namespace: 'kube-system',
    uid: pod,
    state: 'ready',
  });
}

/** A node without sandboxes whose kubelet logs these lines. */
function failingHost(lines: readonly string[]): MemoryHost {
  const host = startingHost();
  host.runtime.sandboxes.clear();
  host.programs.programs.set('journalctl', journalOf(lines));
  return host;
}

test('the watch for causes ends with a sandbox image that no registry answers for, in 15 s', async () => {
  const host = failingHost([noSandbox('etcd-cp', noPause)]);
  host.runtime.pullErrors.set(pause, 'dial tcp: lookup registry.k8s.io: read: connection refused');
  const { found } = watch(host);
  await host.time.advance(15_000);
  expect(await found).toMatchObject({ rule: 'sandbox-image-missing', elapsedMs: 8000 });
});

test('the watch for causes takes no failure of the runtime for proof of a missing image, and does not hurry it', async () => {
  const host = failingHost([noSandbox('etcd-cp', noPause)]);
  let pulls = 0;
  const pullImage = async (): Promise<void> => {
    pulls += 1;
    throw new CriError('unavailable', 'no container runtime answers: connection refused');
  };
  const cri: MemoryHost['cri'] = (socket) => ({ ...host.cri(socket), pullImage });
  const { found, stop } = watch({ ...host, cri });
  await host.time.advance(37_900);
  stop.abort();
  expect(await found).toBeUndefined();
  expect(pulls).toBe(3);
});

test('the watch for causes leaves an image alone that has come, whatever failed before', async () => {
  const host = failingHost([noSandbox('etcd-cp', noPause)]);
  host.runtime.images.add(pause);
  host.runtime.pullErrors.set(pause, 'no such host');
  const { found, stop } = watch(host);
  await host.time.advance(30_000);
  stop.abort();
  expect(await found).toBeUndefined();
});

test('the watch for causes looks on for other causes while a pull proves nothing', async () => {
  const host = failingHost([
    noSandbox('etcd-cp', noPause),
    ...['a', 'b', 'kube-apiserver-cp'].map((pod) => noSandbox(pod, 'runc did not terminate')),
  ]);
  host.runtime.pullErrors.set(pause, '503 Service Unavailable');
  const { found } = watch(host);
  await host.time.advance(15_000);
  expect(await found).toMatchObject({ rule: 'sandbox-failed', elapsedMs: 8000 });
});

test('the watch for causes forgets what healed: neither a look that fails nor sandboxes that go again are a cause', async () => {
  const lines = ['etcd-cp', 'kube-apiserver-cp', 'kube-vip-cp'].map((pod) => noSandbox(pod, 'runc failed'));
  const host = failingHost(lines);
  const { found, stop } = watch(host);
  await host.time.advance(3500);
  for (const pod of ['etcd-cp', 'kube-apiserver-cp', 'kube-vip-cp']) addSandbox(host, pod);
  await host.time.advance(20_000);
  host.runtime.reachable = false;
  await host.time.advance(20_000);
  host.runtime.reachable = true;
  host.runtime.sandboxes.clear();
  await host.time.advance(20_000);
  stop.abort();
  expect(await found).toBeUndefined();
});

test('the watch for causes knows nothing of sandboxes while the runtime does not answer', async () => {
  const lines = ['etcd-cp', 'kube-apiserver-cp', 'kube-vip-cp'].map((pod) => noSandbox(pod, 'runc failed'));
  const host = failingHost(lines);
  host.runtime.reachable = false;
  const { found, stop } = watch(host);
  await host.time.advance(30_000);
  stop.abort();
  expect(await found).toBeUndefined();
});

test('the watch for causes seldom asks the kubelet while no container is missing', async () => {
  const host = startingHost();
  for (const name of components) {
    host.runtime.sandboxes.set(name, {
      id: name,
      name: `${name}-cp`,
      namespace: 'kube-system',
      uid: name,
      state: 'ready',
    });
    host.runtime.containers.set(name, {
      id: name,
      podSandboxId: name,
      name,
      attempt: 0,
      state: 'running',
      startedAt: 1,
      finishedAt: 0,
      logPath: '',
    });
  }
  host.runtime.sandboxes.delete('s');
  const { found, stop } = watch(host);
  await host.time.advance(30_000);
  stop.abort();
  await found;
  const asked = host.programs.calls.filter(({ args }) => args.includes('kubelet'));
  expect(asked).toHaveLength(7);
});

test('the watch for causes has rules of different names, each with its row in the reference', () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  for (const { proof, title } of rules) expect([title, proof]).not.toContain('');
});
