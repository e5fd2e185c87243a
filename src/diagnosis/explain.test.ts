import { describe, expect, test } from 'vitest';
import { KubeadmError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { writeEvidence } from './evidence-file.ts';
import { explainFailure } from './explain.ts';
import { facts } from './facts.fixture.ts';
import { createObserver } from './observer.ts';

const criSocket = 'unix:///var/run/containerd/containerd.sock';
const components = ['kube-scheduler'];
const evidenceFile = '/var/log/kubeadm-evidence.txt';

/** A machine whose scheduler runs or has ended five times. */
function machine(state: 'running' | 'exited', line = 'context deadline exceeded'): MemoryHost {
  const host = createMemoryHost();
  const now = host.clock.now().getTime();
  const ended = state === 'exited' ? { exitCode: 1, finishedAt: now } : { finishedAt: 0 };
  host.runtime.sandboxes.set('p', {
    id: 'p',
    name: 'kube-scheduler-cp',
    namespace: 'kube-system',
    uid: 'u',
    state: 'ready',
    createdAt: now - 90_000,
  });
  host.runtime.containers.set('s', {
    id: 's',
    podSandboxId: 'p',
    name: 'kube-scheduler',
    attempt: state === 'exited' ? 4 : 0,
    state,
    startedAt: now - 80_000,
    logPath: '/var/log/s.log',
    ...ended,
  });
  host.disk.put({ '/var/log/s.log': `2026-01-01T00:00:00Z stderr F ${line}\n` });
  return host;
}

async function explain(error: unknown, host = machine('exited')) {
  const events: KubeadmEvent[] = [];
  const emit = (event: KubeadmEvent) => void events.push(event);
  const { signal } = new AbortController();
  const observer = createObserver(host, { criSocket, components, since: new Date(0), signal });
  const explained = await explainFailure(error, host, {
    observer,
    criSocket,
    components,
    wording: 'init',
    emit,
  });
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  return { explained, warnings };
}

describe('the explanation of a failed phase', () => {
  test('is the cause that a rule finds, with the failure below it', async () => {
    const { explained, warnings } = await explain(
      new KubeadmError('timeout', 'waited 1m0s for ConfigMap x to be written', { details: { tries: 3 } }),
      machine('exited', 'Error: unknown flag: --nonsense'),
    );
    expect(warnings).toEqual([]);
    expect(explained).toMatchObject({
      code: 'container-failed',
      message:
        'kube-scheduler does not know the flag --nonsense and ends at once (exit code 1)\n' +
        '    Error: unknown flag: --nonsense\n    waited 1m0s for ConfigMap x to be written',
      hint: expect.stringContaining(`The whole evidence is in ${evidenceFile}.`),
      details: { rule: 'unknown-flag', component: 'kube-scheduler', evidenceFile, tries: 3 },
    });
  });

  test('calls a cause likely that does not explain every failure', async () => {
    const host = machine('running');
    host.disk.put({ '/etc/kubernetes/scheduler.conf': '' });
    const { explained } = await explain(new KubeadmError('timeout', 'waited'), host);
    expect(explained).toMatchObject({
      message: expect.stringMatching(/^waited; the likely cause is that kube-apiserver does not run/),
      details: { rule: 'manifest-missing' },
    });
  });

  test('does not add a cause to an error that names the URLs which take no connection', async () => {
    const host = machine('running');
    host.disk.put({ '/etc/kubernetes/scheduler.conf': '' });
    const error = new KubeadmError('etcd', 'blocked', {
      details: { unreachable: ['https://10.0.0.5:2380'] },
    });
    expect((await explain(error, host)).explained).toBe(error);
  });

  test('does not blame the Pod network, which a control plane does not need', async () => {
    const host = machine('running');
    host.runtime.conditions = [
      {
        type: 'NetworkReady',
        status: false,
        reason: 'NetworkPluginNotReady',
        message: 'cni not initialized',
      },
    ];
    const { explained } = await explain(new KubeadmError('timeout', 'waited'), host);
    expect((explained as KubeadmError).message).toBe('waited');
  });

  test('shows what each container reports that does not run, if the cause is not known', async () => {
    const { explained, warnings } = await explain(new KubeadmError('control-plane-unhealthy', 'not healthy'));
    expect(warnings).toEqual([
      'kube-scheduler: container exited, restarted 4 times, last exit code 1\n    context deadline exceeded',
    ]);
    expect(explained).toMatchObject({
      code: 'control-plane-unhealthy',
      message: 'not healthy',
      hint: expect.stringContaining(`crictl --runtime-endpoint ${criSocket} ps -a`),
      details: { criSocket, containers: [{ component: 'kube-scheduler', exitCode: 1 }], evidenceFile },
    });
  });

  test('keeps the code, the hint and the details of a call that timed out', async () => {
    const error = new KubeadmError('timeout', 'waited 1m0s', {
      hint: 'The limit is x.',
      details: { tries: 3 },
    });
    expect((await explain(error)).explained).toMatchObject({
      code: 'timeout',
      hint: expect.stringMatching(/^The limit is x\.\nLook at the kubelet/),
      details: { tries: 3, criSocket },
    });
  });

  test('gives no advice about containers that all run', async () => {
    const { explained, warnings } = await explain(new KubeadmError('timeout', 'waited'), machine('running'));
    expect(warnings).toEqual([]);
    expect((explained as KubeadmError).hint).toBe(
      `The cause is not known. The whole evidence is in ${evidenceFile}.`,
    );
  });

  test('leaves other errors, and an error whose cause was found, as they are', async () => {
    for (const error of [
      new Error('broken'),
      new KubeadmError('file', 'disk full'),
      new KubeadmError('timeout', 'waited', { details: { rule: 'crash-loop' } }),
    ]) {
      const { explained, warnings } = await explain(error);
      expect(explained).toBe(error);
      expect(warnings).toEqual([]);
    }
  });
});

describe('the file with the whole evidence', () => {
  const secret = '0123456789abcdef';

  test('is only for root, has every log, and has no secret', async () => {
    const host = machine('exited', `panic: token abcdef.${secret} was refused`);
    host.disk.put({ [evidenceFile]: { data: 'old', mode: 0o644 } });
    await explain(new KubeadmError('timeout', 'waited'), host);
    const { mode } = (await host.files.stat(evidenceFile)) ?? {};
    const text = await host.files.readText(evidenceFile);
    expect(mode).toBe(0o600);
    expect(text).toContain('log of kube-scheduler, run 4');
    expect(text).toContain('token abcdef.<secret> was refused');
    expect(text).not.toContain(secret);
  });

  test('goes to another directory if the disk of /var/log is full', async () => {
    const host = machine('exited');
    host.disk.fail(evidenceFile, 'ENOSPC');
    const { explained } = await explain(new KubeadmError('timeout', 'waited'), host);
    expect(explained).toMatchObject({ details: { evidenceFile: '/run/kubeadm-evidence.txt' } });
  });

  test('does not ask a runtime for logs that has not answered', async () => {
    const host = machine('exited');
    const runtime = { error: 'no answer', silentMs: 3_000, log: [] };
    const known = facts({ runtime, criSocket });
    await writeEvidence(host, { error: '', findings: [], facts: known });
    expect(host.runtime.calls).toEqual([]);
  });
});
