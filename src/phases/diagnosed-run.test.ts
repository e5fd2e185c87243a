import { expect, test } from 'vitest';
import { KubeadmError } from '../errors.ts';
import type { RecordedEvent } from '../events.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import type { Host } from '../host.ts';
import type { OrderedPhase } from '../workflow/phase.ts';
import type { PhaseFailure } from '../workflow/run.ts';
import { createDiagnosedRun } from './diagnosed-run.ts';
import { beginReport, executePhases } from './execute.ts';

type P = OrderedPhase<null, Host, RecordedEvent['event']>;

const unknownFlag = 'kube-apiserver does not know the flag --nonsense and ends at once (exit code 1)';

function phase(name: string, run: P['run'] = async () => undefined, after?: readonly string[]): P {
  return {
    name,
    short: name,
    ...(after === undefined ? {} : { after }),
    ...(run === undefined ? {} : { run }),
  };
}

/** Waits until its signal is aborted. */
const waits: P['run'] = async (_, __, { signal }) =>
  await new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

/** The API server ends twice over a flag. */
function failing(host: MemoryHost): void {
  host.disk.put({ '/var/log/a.log': '2026-01-01T00:00:00Z stderr F Error: unknown flag: --nonsense\n' });
  const now = host.clock.now().getTime();
  host.runtime.sandboxes.set('s', {
    id: 's',
    name: 'kube-apiserver-cp1',
    namespace: 'kube-system',
    uid: 'u',
    state: 'ready',
    createdAt: now,
  });
  host.runtime.containers.set('a', {
    id: 'a',
    podSandboxId: 's',
    name: 'kube-apiserver',
    attempt: 1,
    state: 'exited',
    exitCode: 1,
    startedAt: now,
    finishedAt: now + 84,
    logPath: '/var/log/a.log',
  });
}

async function run(phases: readonly P[], host = createMemoryHost({ time: 'manual' })) {
  const events: RecordedEvent[] = [];
  const report = beginReport(host, { record: (recorded) => void events.push(recorded) });
  const diagnosed = createDiagnosedRun(host, phases, {
    run: report,
    wording: 'init',
    after: 'kubelet-start',
    whatFailed: (name) => (name === 'wait' ? 'the wait failed' : ''),
    source: async () => ({
      criSocket: 'unix:///var/run/containerd/containerd.sock',
      components: ['kube-apiserver'],
      since: host.clock.now(),
    }),
  });
  const { companion } = diagnosed;
  const selected = new Set(phases.map(({ name }) => name));
  const execution = { input: null, host, scope: undefined, run: report, companion };
  let failure: PhaseFailure | undefined;
  const done = executePhases(phases, selected, execution).catch((error: PhaseFailure) => {
    failure = error;
  });
  return {
    host,
    end: async () => {
      await done;
      const error = failure === undefined ? undefined : await diagnosed.explain(failure);
      diagnosed.close();
      const ends = events.flatMap(({ event }) =>
        'phase' in event && event.type !== 'phase-started' ? [`${event.type} ${event.phase}`] : [],
      );
      const details = events.flatMap(({ event }) => (event.type === 'detail' ? [event.message] : []));
      return { failure, error, ends, details };
    },
  };
}

test('a cause ends the run in the name of the first phase that waits, and the others are stopped', async () => {
  const { end, host } = await run([
    phase('kubelet-start'),
    phase('wait', waits),
    phase('upload', waits, ['kubelet-start']),
  ]);
  failing(host);
  await host.time.advance(4000);
  const { ends, error, failure } = await end();
  expect(failure?.phase).toBe('wait');
  expect(ends).toEqual(['phase-finished kubelet-start', 'phase-failed wait', 'phase-stopped upload']);
  expect(error).toMatchObject({
    code: 'container-failed',
    message: `the wait failed: ${unknownFlag}\n    Error: unknown flag: --nonsense`,
    hint: expect.stringContaining('apiServer.extraArgs'),
    details: { rule: 'unknown-flag', component: 'kube-apiserver', exitCode: 1, milliseconds: 3000 },
  });
});

test('a cause ends a later phase as well, and its error has no words before the cause', async () => {
  const { end, host } = await run([phase('kubelet-start'), phase('wait'), phase('upload', waits)]);
  failing(host);
  await host.time.advance(4000);
  const { error, failure } = await end();
  expect(failure?.phase).toBe('upload');
  expect(error).toMatchObject({ message: expect.stringMatching(/^kube-apiserver does not know/) });
});

test('the watch does not begin before the kubelet is started, and ends with the run', async () => {
  const { end, host } = await run([phase('certs', waits), phase('kubelet-start')]);
  await host.time.advance(10_000);
  expect(host.runtime.calls).toEqual([]);
  void end;
  const finished = await run([phase('kubelet-start'), phase('wait')], host);
  const { failure } = await finished.end();
  expect(failure).toBeUndefined();
  const looks = host.runtime.calls.length;
  await host.time.advance(10_000);
  expect(host.runtime.calls).toHaveLength(looks);
});

test('the failure of a phase before the kubelet is not explained', async () => {
  const broken = new KubeadmError('timeout', 'no entropy');
  const { end, host } = await run([
    phase('certs', async () => {
      throw broken;
    }),
    phase('kubelet-start'),
  ]);
  expect((await end()).error).toBe(broken);
  expect(host.runtime.calls).toEqual([]);
});

test('the error of a phase stays if its explanation fails, and -v 1 shows the fault', async () => {
  const broken = new KubeadmError('timeout', 'waited 1m0s');
  const host = createMemoryHost({ time: 'manual' });
  const { end } = await run(
    [
      phase('kubelet-start'),
      phase('wait', async () => {
        throw broken;
      }),
    ],
    {
      ...host,
      cri: () => {
        throw new TypeError('a fault in the diagnosis');
      },
    },
  );
  const { details, error } = await end();
  expect(error).toBe(broken);
  expect(details).toContain('the diagnosis has failed: a fault in the diagnosis');
});
