import { expect, it } from 'vitest';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
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
  const found = watchForCause(host, { criSocket, components, since: host.clock.now(), signal: stop.signal });
  return { found, stop };
}

it('ends with an image that nobody can get, and shows when', async () => {
  const host = startingHost();
  host.runtime.pullErrors.set(image, 'not found');
  const { found } = watch(host);
  await host.time.advance(10_000);
  expect(await found).toMatchObject({ rule: 'image-missing', component: 'kube-apiserver', elapsedMs: 8000 });
  expect(host.runtime.calls.filter((call) => call.startsWith('pullImage'))).toHaveLength(1);
});

it('goes on when the pull that was to prove it succeeds', async () => {
  const host = startingHost();
  const { found, stop } = watch(host);
  await host.time.advance(60_000);
  expect(host.runtime.images).toContain(image);
  stop.abort();
  expect(await found).toBeUndefined();
});

it('ends with the wait, and goes on where nothing answers', async () => {
  const host = startingHost();
  host.runtime.reachable = false;
  const { found, stop } = watch(host);
  await host.time.advance(120_000);
  stop.abort();
  expect(await found).toBeUndefined();
});

it('asks the kubelet only at first and where a container is missing', async () => {
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
  expect(host.programs.calls.filter(({ program }) => program === 'systemctl')).toHaveLength(1);
});

it('has rules of different names, each with its row in the reference', () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  for (const { proof, title } of rules) expect([title, proof]).not.toContain('');
});
