import type { Emit } from '../events.ts';
import { type RetryOptions, retry } from '../lib/retry.ts';

/**
 * Calls `retry`. If the first try fails, it emits `waiting`, and `waited` when a later try succeeds.
 *
 * @throws the errors of `retry`
 */
export async function retryWithEvents<T>(
  attempt: () => Promise<T>,
  { emit, topic, ...options }: RetryOptions & { readonly emit: Emit; readonly topic: string },
): Promise<T> {
  const { clock, signal, timeoutMs, what } = options;
  const start = clock.monotonic();
  let waiting = false;
  const result = await retry(async () => {
    try {
      return await attempt();
    } catch (error) {
      if (signal?.aborted === true) throw error;
      if (!waiting && options.giveUp?.(error) !== true)
        emit({ type: 'waiting', topic, for: what, timeoutMs });
      waiting = true;
      throw error;
    }
  }, options);
  if (waiting) emit({ type: 'waited', topic, for: what, milliseconds: clock.monotonic() - start });
  return result;
}
