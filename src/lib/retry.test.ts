import { describe, expect, test } from 'vitest';
import { adaptiveInterval, type RetryClock, RetryTimeout, retry } from './retry.ts';

function clockAt(): RetryClock & { readonly pauses: number[] } {
  let now = 1000;
  const pauses: number[] = [];
  const sleep = async (milliseconds: number): Promise<void> => {
    pauses.push(milliseconds);
    now += milliseconds;
  };
  return { pauses, monotonic: () => now, sleep };
}

async function failing(): Promise<never> {
  throw new Error('connection refused');
}

describe('retry', () => {
  test('tries at once and does not pause when that succeeds', async () => {
    const clock = clockAt();
    expect(await retry(async () => 7, { clock, what: 'x', timeoutMs: 100 })).toBe(7);
    expect(clock.pauses).toEqual([]);
  });

  test('tries until the deadline, with the last try at the deadline itself', async () => {
    const clock = clockAt();
    const options = { clock, what: 'the API server', timeoutMs: 1200, intervalMs: () => 500 };
    const error = await retry(failing, options).catch((reason: unknown) => reason);
    expect(clock.pauses).toEqual([500, 500, 200]);
    expect(error).toBeInstanceOf(RetryTimeout);
    expect(error).toMatchObject({ tries: 4, milliseconds: 1200, what: 'the API server' });
    expect(String(error)).toContain(
      'waited 1.2s for the API server (4 tries); the last one: connection refused',
    );
  });

  test('pauses for retryAfterMs of the error, but not beyond the deadline', async () => {
    const clock = clockAt();
    const busy = async (): Promise<never> => {
      throw Object.assign(new Error('busy'), { details: { retryAfterMs: 800 } });
    };
    await expect(retry(busy, { clock, what: 'x', timeoutMs: 1000 })).rejects.toThrow('busy');
    expect(clock.pauses).toEqual([800, 200]);
  });

  test('counts the deadline from limitStart, even if that is long after the first try', async () => {
    const clock = clockAt();
    let begin = (): void => undefined;
    const limitStart = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const attempt = async (tries: number): Promise<never> => {
      if (tries === 10) begin();
      await Promise.resolve();
      return await failing();
    };
    const options = { clock, what: 'x', timeoutMs: 1200, limitStart, intervalMs: () => 500 };
    await expect(retry(attempt, options)).rejects.toMatchObject({ milliseconds: 9 * 500 + 1200, tries: 13 });
  });

  test('throws an error that giveUp accepts at once', async () => {
    const clock = clockAt();
    const options = { clock, what: 'x', timeoutMs: 1200, giveUp: () => true };
    await expect(retry(failing, options)).rejects.toThrow(/^connection refused$/);
    expect(clock.pauses).toEqual([]);
  });

  test('fails with the reason of the aborted signal', async () => {
    const stop = new AbortController();
    const attempt = async (): Promise<never> => {
      stop.abort(new Error('another phase failed'));
      throw new Error('still down');
    };
    const options = { clock: clockAt(), what: 'x', timeoutMs: 1200, signal: stop.signal };
    await expect(retry(attempt, options)).rejects.toThrow('another phase failed');
  });

  test('pauses between 50 and 500 ms by default', () => {
    expect([0, 2500, 5000, 25_000, 90_000].map(adaptiveInterval)).toEqual([50, 50, 100, 500, 500]);
  });
});
