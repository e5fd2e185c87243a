import { describe, expect, test } from 'vitest';
import { KubeadmError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { withContainerEvidence } from './failure-report.ts';

const criSocket = 'unix:///var/run/containerd/containerd.sock';

function machine(state: 'running' | 'exited') {
  const host = createMemoryHost();
  const ended = state === 'exited' ? { exitCode: 1, finishedAt: 2 } : { finishedAt: 0 };
  host.runtime.containers.set('s', {
    id: 's',
    podSandboxId: 'p',
    name: 'kube-scheduler',
    attempt: state === 'exited' ? 4 : 0,
    state,
    startedAt: 1,
    logPath: '/var/log/s.log',
    ...ended,
  });
  host.disk.put({ '/var/log/s.log': '2026-01-01T00:00:00Z stderr F unknown flag: --nonsense\n' });
  return host;
}

async function report(error: unknown, host = machine('exited')) {
  const events: KubeadmEvent[] = [];
  const emit = (event: KubeadmEvent) => void events.push(event);
  const reported = await withContainerEvidence(error, host, {
    criSocket,
    components: ['kube-scheduler'],
    emit,
  });
  return { reported, warnings: events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])) };
}

describe('the report of a failed wait', () => {
  test('says what each container said that does not run, and how to look further', async () => {
    const { reported, warnings } = await report(new KubeadmError('control-plane-unhealthy', 'not healthy'));
    expect(warnings).toEqual([
      'kube-scheduler: container exited, restarted 4 times, last exit code 1\n    unknown flag: --nonsense',
    ]);
    expect(reported).toMatchObject({
      code: 'control-plane-unhealthy',
      message: 'not healthy',
      hint: expect.stringContaining(`crictl --runtime-endpoint ${criSocket} ps -a`),
      details: { criSocket, containers: [{ component: 'kube-scheduler', exitCode: 1 }] },
    });
  });

  test('keeps the code and the hint of a call that timed out', async () => {
    const error = new KubeadmError('timeout', 'waited 1m0s', {
      hint: 'The limit is x.',
      details: { tries: 3 },
    });
    const { reported } = await report(error);
    expect(reported).toMatchObject({
      code: 'timeout',
      hint: expect.stringMatching(/^The limit is x\.\nLook at the kubelet/),
      details: { tries: 3, criSocket },
    });
  });

  test('gives no advice about containers that all run', async () => {
    const { reported, warnings } = await report(new KubeadmError('timeout', 'waited'), machine('running'));
    expect(warnings).toEqual([]);
    expect((reported as KubeadmError).hint).toBeUndefined();
  });

  test('says that the container runtime does not answer', async () => {
    const host = {
      ...machine('exited'),
      cri: () => ({ containers: () => Promise.reject(new Error('no')), close: () => undefined }),
    };
    const { warnings } = await report(new KubeadmError('timeout', 'waited'), host as never);
    expect(warnings).toEqual([
      expect.stringContaining(`the container runtime at ${criSocket} does not answer`),
    ]);
  });

  test('leaves other errors, and an error whose cause was found, as they are', async () => {
    for (const error of [
      new Error('broken'),
      new KubeadmError('file', 'disk full'),
      new KubeadmError('timeout', 'waited', { details: { rule: 'crash-loop' } }),
    ]) {
      const { reported, warnings } = await report(error);
      expect(reported).toBe(error);
      expect(warnings).toEqual([]);
    }
  });
});
