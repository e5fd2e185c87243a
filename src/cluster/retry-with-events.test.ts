import { expect, test } from 'vitest';

import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { RetryTimeout } from '../lib/retry.ts';
import { retryWithEvents } from './retry-with-events.ts';

async function run(failures: number, giveUp = false) {
  const { clock } = createMemoryHost();
  const events: KubeadmEvent[] = [];
  let left = failures;
  const attempt = async () => {
    if (left-- > 0) throw new Error('not yet');
    return 'there';
  };
  const emit = (event: KubeadmEvent) => events.push(event);
  const options = { clock, emit, topic: 't', what: 'the thing', timeoutMs: 1000, giveUp: () => giveUp };
  const outcome = await retryWithEvents(attempt, options).catch((error: unknown) => error);
  return { outcome, events };
}

test('a first try that succeeds reports nothing', async () => {
  expect(await run(0)).toEqual({ outcome: 'there', events: [] });
});

test('the beginning and the end of a wait are reported once', async () => {
  expect(await run(2)).toEqual({
    outcome: 'there',
    events: [
      { type: 'waiting', topic: 't', for: 'the thing', timeoutMs: 1000 },
      { type: 'waited', topic: 't', for: 'the thing', milliseconds: 100 },
    ],
  });
});

test('a wait that exceeds its time limit has no event for its end', async () => {
  const { outcome, events } = await run(1000);
  expect(outcome).toBeInstanceOf(RetryTimeout);
  expect(events.map(({ type }) => type)).toEqual(['waiting']);
});

test('a permanent error is not reported as a wait', async () => {
  const { outcome, events } = await run(1, true);
  expect(outcome).toMatchObject({ message: 'not yet' });
  expect(events).toEqual([]);
});
