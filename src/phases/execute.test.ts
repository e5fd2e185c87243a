import { describe, expect, test } from 'vitest';

import type { RecordedEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import type { Host } from '../host.ts';
import type { OrderedPhase } from '../workflow/phase.ts';
import { beginReport, executePhases } from './execute.ts';

type P = OrderedPhase<null, Host, RecordedEvent['event']>;

/** Waits until its signal is aborted, and then fails with its own error, as an aborted call does. */
const waiting: P = {
  name: 'waiting',
  short: 'waiting',
  run: async (_, __, { signal }) =>
    await new Promise((_resolve, reject) => {
      const broken = (): void => reject(new Error('the call was broken off', { cause: signal.reason }));
      signal.addEventListener('abort', broken);
    }),
};

async function endsOf(phases: readonly P[], signal: AbortSignal): Promise<readonly string[]> {
  const events: RecordedEvent[] = [];
  const record = (recorded: RecordedEvent): void => void events.push(recorded);
  const selected = new Set(phases.map(({ name }) => name));
  const host = createMemoryHost();
  const run = beginReport(host, { record, signal });
  const running = executePhases(phases, selected, { input: null, host, scope: undefined, run });
  await expect(running).rejects.toThrow();
  return events.flatMap(({ event }) =>
    'phase' in event && event.type !== 'phase-started' ? [`${event.type} ${event.phase}`] : [],
  );
}

describe('a phase that is told to stop has not failed, also when its error is made of the reason', () => {
  test('because another one failed', async () => {
    const failing: P = {
      name: 'failing',
      short: 'failing',
      after: [],
      run: async () => Promise.reject(new Error('the disk is full')),
    };
    const ends = await endsOf([waiting, failing], new AbortController().signal);
    expect(ends).toEqual(['phase-failed failing', 'phase-stopped waiting']);
  });

  test('because the user wanted it', async () => {
    const stop = new AbortController();
    const asking: P = {
      name: 'asking',
      short: 'asking',
      after: [],
      run: async () => stop.abort(new Error('interrupted by SIGINT')),
    };
    const ends = await endsOf([waiting, asking], stop.signal);
    expect(ends).toEqual(['phase-finished asking', 'phase-stopped waiting']);
  });
});
