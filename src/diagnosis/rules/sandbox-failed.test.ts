import { expect, test } from 'vitest';
import { componentNames, facts } from '../facts.fixture.ts';
import type { ComponentFacts, SandboxFailure } from '../facts.ts';
import { sandboxFailed, sandboxImageMissing } from './sandbox-failed.ts';

const pause = 'registry.k8s.io/pause:3.10.2';
const noImage = `failed to get sandbox image "${pause}": failed to pull image "${pause}": connection refused`;
const runc =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: unable to retrieve OCI runtime error (open /run/containerd/io.containerd.runtime.v2.task/k8s.io/' +
  `${'c8f0'.repeat(16)}/log.json: no such file or directory): runc did not terminate successfully: exit status 1`;

const failed = (message: string, at: number, component = 'etcd'): SandboxFailure => ({
  pod: `kube-system/${component}-cp`,
  message,
  at,
});
const running = componentNames.map((name) => ({ name, state: 'running' as const, exits: 0, runs: [] }));

test('the rule for failed sandboxes names the sandbox image, once there was time and nothing has started', () => {
  const sandboxes = [failed(noImage, 3000)];
  const [found] = sandboxImageMissing.find(facts({ elapsedMs: 8000, sandboxes }));
  expect(found).toMatchObject({ code: 'image-missing', evidence: [noImage], unlessPulled: pause });
  expect(found?.summary).toMatch(/sandbox image registry\.k8s\.io\/pause:3\.10\.2: connection refused$/);
  expect(sandboxImageMissing.find(facts({ elapsedMs: 7900, sandboxes }))).toEqual([]);
  expect(sandboxImageMissing.find(facts({ sandboxes, components: running }))).toEqual([]);
  expect(sandboxFailed.find(facts({ sandboxes: [...sandboxes, failed(noImage, 12_000)] }))).toEqual([]);
});

test('the rule for failed sandboxes names the runtime when one Pod failed twice', () => {
  const sandboxes = [failed(runc, 2000), failed(runc, 11_000)];
  expect(sandboxFailed.find(facts({ sandboxes }))).toMatchObject([
    { code: 'sandbox-failed', evidence: [runc] },
  ]);
  expect(sandboxFailed.find(facts({ sandboxes: [failed(runc, 2000)] }))).toEqual([]);
  expect(sandboxFailed.find(facts({ sandboxes, components: running }))).toEqual([]);
});

test('the rule for failed sandboxes names the runtime when three Pods failed alike and time went by', () => {
  const sandboxes = ['etcd', 'kube-apiserver', 'kube-scheduler'].map((name) => failed(runc, 2000, name));
  expect(sandboxFailed.find(facts({ elapsedMs: 7000, sandboxes }))[0]?.code).toBe('sandbox-failed');
  expect(sandboxFailed.find(facts({ elapsedMs: 6900, sandboxes }))).toEqual([]);
  expect(sandboxFailed.find(facts({ elapsedMs: 60_000, sandboxes: sandboxes.slice(1) }))).toEqual([]);
});

test('the rule for failed sandboxes says nothing of containers that nobody could look at', () => {
  const { components: _, ...unseen } = facts({ sandboxes: [failed(runc, 2000), failed(runc, 11_000)] });
  expect(sandboxFailed.find(unseen)).toEqual([]);
  expect(sandboxImageMissing.find({ ...unseen, sandboxes: [failed(noImage, 2000)] })).toEqual([]);
});

test('the rule for failed sandboxes waits for a runtime that is only late', () => {
  for (const late of [
    'context deadline exceeded',
    'failed to reserve sandbox name "a": name "a" is reserved for "b"',
  ]) {
    const sandboxes = [failed(late, 2000), failed(late, 11_000)];
    expect(sandboxFailed.find(facts({ elapsedMs: 60_000, sandboxes }))).toEqual([]);
  }
});

test('a component whose sandbox fails for 5 s is a cause although others have one', () => {
  const message =
    'failed to start shim: start failed: io.containerd.runc.v2: fork/exec /usr/local/bin/containerd-shim-runc-v2: resource temporarily unavailable: exit status 1';
  const components = componentNames.map(
    (name): ComponentFacts => ({
      name,
      state: name === 'etcd' ? 'no-sandbox' : 'running',
      exits: 0,
      runs: [],
    }),
  );
  const find = (...times: readonly number[]) => {
    const sandboxes = times.map((at) => ({ pod: 'kube-system/etcd-cp', message, at }));
    return sandboxFailed.find(facts({ components, sandboxes }));
  };
  expect(find(3_000, 9_000)).toMatchObject([
    { component: 'etcd', summary: expect.stringMatching(/etcd is not started.*resource temporarily/) },
  ]);
  expect(find(3_000)).toEqual([]);
  expect(find(3_000, 6_000)).toEqual([]);
});
