import { describe, expect, test } from 'vitest';

import type { OrderedPhase } from './phase.ts';
import { PhaseFailure, runPhases } from './run.ts';
import { selectPhases, UnknownPhaseError, UnresolvedDependencyError } from './select.ts';

type P = OrderedPhase<{ readonly log: string[] }, null, string>;

function phase(name: string, more: Partial<P> = {}): P {
  return { name, short: name, run: async ({ log }) => void log.push(name), ...more };
}

/** Runs the phases and returns their names in the order of the run. */
async function order(
  phases: readonly P[],
  selection = {},
  signal = new AbortController().signal,
): Promise<string[]> {
  const log: string[] = [];
  const selected = selectPhases(phases, selection);
  await runPhases(phases, { log }, null, { selected, scope: undefined, record: () => undefined, signal });
  return log;
}

const tree: readonly P[] = [
  phase('preflight', { aliases: ['pre-flight'] }),
  phase('certs', { allFlags: [], children: [phase('ca'), phase('apiserver')] }),
  phase('addon', { children: [phase('coredns'), phase('kube-proxy')] }),
  phase('show', { requires: ['addon/coredns'] }),
];

test('phases run in listed order, a parent before its children', async () => {
  expect(await order(tree)).toEqual([
    'preflight',
    'certs',
    'ca',
    'apiserver',
    'addon',
    'coredns',
    'kube-proxy',
    'show',
  ]);
});

test('skipping a parent skips its children, and names and aliases are case-insensitive', async () => {
  expect(await order(tree, { skip: ['CERTS', 'Pre-Flight'] })).toEqual([
    'addon',
    'coredns',
    'kube-proxy',
    'show',
  ]);
});

test('a single child runs without its parent, and a single parent runs with its children', async () => {
  expect(await order(tree, { only: ['certs/apiserver'] })).toEqual(['apiserver']);
  expect(await order(tree, { only: ['certs'] })).toEqual(['certs', 'ca', 'apiserver']);
});

test('skipping `parent/all` is accepted and skips nothing', async () => {
  expect(await order(tree, { skip: ['certs/all'] })).toContain('ca');
});

test('an unknown phase name is refused', () => {
  expect(() => selectPhases(tree, { skip: ['bogus'] })).toThrow(UnknownPhaseError);
});

test('a phase whose required phases are not in the run is refused before anything runs', () => {
  expect(() => selectPhases(tree, { skip: ['addon'] })).toThrow(UnresolvedDependencyError);
  expect(() => selectPhases(tree, { only: ['show'] })).toThrow(
    '[addon/coredns] phase(s) needed by "show" phase',
  );
});

test('phases with `after` overlap, and phases without it wait for all before them', async () => {
  const log: string[] = [];
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const phases: readonly P[] = [
    phase('start'),
    phase('slow', { run: async () => await gate.then(() => void log.push('slow')) }),
    phase('early', { after: ['start'], run: async () => release() }),
    phase('last', { run: async () => void log.push('last') }),
  ];
  await order(phases);
  expect(log).toEqual(['slow', 'last']);
});

test('the error names the phase that failed and the phases that had ended, and no other phase starts', async () => {
  const events: string[] = [];
  const phases: readonly P[] = [
    phase('a', {
      run: async () => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        throw new Error('broken');
      },
    }),
    phase('b', { after: [], run: async () => void events.push('b') }),
    phase('c', { after: ['a'], run: async () => void events.push('c') }),
  ];
  const failure = await order(phases).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(PhaseFailure);
  expect(failure).toMatchObject({
    phase: 'a',
    endedBeyond: ['b'],
    message: 'error execution phase a: broken',
  });
  expect(events).toEqual(['b']);
});

test('the error is that of the phase that failed first, even if an earlier phase of the list fails after it', async () => {
  const later = (name: string, ms: number): P =>
    phase(name, {
      after: [],
      run: async () => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        throw new Error(`${name} is broken`);
      },
    });
  await expect(order([later('consequence', 20), later('cause', 5)])).rejects.toMatchObject({
    phase: 'cause',
  });
});

test('a phase that was stopped is not reported as failed', async () => {
  const phases: readonly P[] = [
    phase('waits', {
      run: async (_input, _host, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        signal.throwIfAborted();
      },
    }),
    phase('fails', {
      after: [],
      run: async () => {
        throw new Error('broken');
      },
    }),
  ];
  await expect(order(phases)).rejects.toMatchObject({ phase: 'fails' });
});

test('a phase that asks the user never overlaps with another', async () => {
  const log: string[] = [];
  const note = (name: string, ms: number) => async () => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, ms));
    log.push(`${name} ends`);
  };
  await order([
    phase('a', { run: note('a', 15) }),
    phase('ask', { after: [], exclusive: true, run: note('ask', 5) }),
    phase('b', { after: [], run: note('b', 1) }),
  ]);
  expect(log).toEqual(['a begins', 'a ends', 'ask begins', 'ask ends', 'b begins', 'b ends']);
});

test('a child that asks the user never overlaps with a phase outside of its parent', async () => {
  const log: string[] = [];
  const note = (name: string, ms: number) => async () => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, ms));
    log.push(`${name} ends`);
  };
  await order([
    phase('a', { children: [phase('slow', { run: note('slow', 15) })] }),
    phase('b', { after: [], children: [phase('ask', { after: [], exclusive: true, run: note('ask', 5) })] }),
    phase('c', { after: [], children: [phase('quick', { after: [], run: note('quick', 1) })] }),
  ]);
  expect(log).toEqual(['slow begins', 'slow ends', 'ask begins', 'ask ends', 'quick begins', 'quick ends']);
});

test('a phase that asks the user does not overlap until its children have ended', async () => {
  const log: string[] = [];
  const note = (name: string) => async () => {
    await new Promise((resolve) => setTimeout(resolve, 3));
    log.push(name);
  };
  await order([
    phase('ask', { exclusive: true, children: [phase('child', { run: note('child') })] }),
    phase('b', { after: [], run: async () => void log.push('b') }),
  ]);
  expect(log).toEqual(['child', 'b']);
});

describe('the time limits of a phase', () => {
  async function begun(limitsAfter: readonly string[] | undefined, skip: readonly string[] = []) {
    const log: string[] = [];
    const beside: P = phase('beside', {
      after: [],
      ...(limitsAfter === undefined ? {} : { limitsAfter }),
      children: [
        phase('child', {
          run: async (_input, _host, { limitsStart }) => {
            await limitsStart;
            log.push('limits');
          },
        }),
      ],
    });
    const slow = phase('slow', {
      run: async () => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        log.push('slow');
      },
    });
    await order([slow, beside], { skip });
    return log;
  }

  test('begin when the phases in limitsAfter have ended, also for its children', async () => {
    expect(await begun(['slow'])).toEqual(['slow', 'limits']);
  });

  test('begin with the phase by default, and if the other phase is not in the run', async () => {
    expect(await begun(undefined)).toEqual(['limits', 'slow']);
    expect(await begun(['slow'], ['slow'])).toEqual(['limits']);
  });
});

test('an interrupted run starts no other phase and fails with the reason', async () => {
  const stop = new AbortController();
  const log: string[] = [];
  const phases: readonly P[] = [
    phase('a', { run: async () => stop.abort(new Error('interrupted by SIGINT')) }),
    phase('b', { run: async () => void log.push('b') }),
  ];
  await expect(order(phases, {}, stop.signal)).rejects.toThrow('interrupted by SIGINT');
  expect(log).toEqual([]);
});

test('a signal after the last phase does not interrupt the run', async () => {
  const stop = new AbortController();
  const last = phase('b', { run: async () => stop.abort(new Error('interrupted by SIGINT')) });
  const phases = [phase('a'), last, phase('c', { children: [phase('d')] })];
  expect(await order(phases, { skip: ['c'] }, stop.signal)).toEqual(['a']);
  await expect(order(phases, {}, stop.signal)).rejects.toThrow('interrupted by SIGINT');
});

describe('a hidden phase', () => {
  const failing: readonly P[] = [
    phase('wait', {
      children: [
        phase('api', { hidden: true }),
        phase('rest', { hidden: true, run: async () => Promise.reject(new Error('not healthy')) }),
      ],
    }),
    phase('upload', { after: ['wait/api'] }),
  ];

  test('can be waited for, and its failure names its parent', async () => {
    const log: string[] = [];
    const selected = selectPhases(failing, {});
    const options = {
      selected,
      scope: undefined,
      record: () => undefined,
      signal: new AbortController().signal,
    };
    const error: unknown = await runPhases(failing, { log }, null, options).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ phase: 'wait', message: 'error execution phase wait: not healthy' });
    expect(log).toEqual(['wait', 'api', 'upload']);
  });

  test('is named by its parent among the ended phases, once all children have ended', async () => {
    const parts = (start: Partial<P>): readonly P[] => [
      phase('fails', {
        run: async () => {
          await new Promise((resolve) => setTimeout(resolve, 10));
          throw new Error('broken');
        },
      }),
      phase('kubelet', {
        after: [],
        children: [phase('unit', { hidden: true }), phase('start', { hidden: true, ...start })],
      }),
      phase('other', { after: [] }),
    ];
    await expect(order(parts({ after: ['fails'] }))).rejects.toMatchObject({ endedBeyond: ['other'] });
    await expect(order(parts({}))).rejects.toMatchObject({ endedBeyond: ['kubelet', 'other'] });
  });

  test('is named by its shownAs if it has no parent', async () => {
    const broken = async () => Promise.reject(new Error('the disk is full'));
    const phases = [phase('preflight'), phase('record', { hidden: true, shownAs: 'preflight', run: broken })];
    await expect(order(phases)).rejects.toMatchObject({
      phase: 'preflight',
      fullName: 'record',
      message: 'error execution phase preflight: the disk is full',
    });
  });

  test('cannot be named by users', () => {
    expect(() => selectPhases(failing, { skip: ['wait/api'] })).toThrow(UnknownPhaseError);
    expect(selectPhases(failing, { skip: ['wait'] })).toEqual(new Set(['upload']));
    expect(selectPhases(failing, { only: ['wait'] })).toEqual(new Set(['wait', 'wait/api', 'wait/rest']));
  });
});

describe('errors outside the work of a phase', () => {
  test('a stopped phase that wraps the reason of the signal does not count as failed', async () => {
    const cause = new Error('the disk is full');
    const phases: readonly P[] = [
      phase('waiting', {
        run: async (_, __, { signal }) =>
          await new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () =>
              reject(new Error('the call was broken off', { cause: signal.reason })),
            );
          }),
      }),
      phase('failing', {
        after: [],
        run: async () => {
          throw cause;
        },
      }),
    ];
    await expect(order(phases)).rejects.toMatchObject({ phase: 'failing', cause });
  });

  test.each(['onStart', 'onEnd'] as const)(
    'a listener that throws in %s ends the run as a failure of that phase',
    async (listener) => {
      const broken = new Error('the listener is broken');
      const phases = [phase('one'), phase('two', { after: [] }), phase('three', { after: ['two'] })];
      const running = runPhases(phases, { log: [] }, null, {
        selected: selectPhases(phases, {}),
        scope: undefined,
        record: () => undefined,
        signal: new AbortController().signal,
        [listener]: (name: string) => {
          if (name === 'one') throw broken;
        },
      });
      await expect(running).rejects.toMatchObject({ name: 'PhaseFailure', phase: 'one', cause: broken });
    },
  );
});
