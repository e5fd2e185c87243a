import type { Emit } from '../events.ts';
import { type RetryOptions, retry } from '../lib/retry.ts';

/**
 * As `retry`; when the first try has failed, it reports what is waited for, and then that it has come.
 *
 * @throws as `retry`
 */
export async function retryWithEvents<T>(
  attempt: () => Promise<T>,
  { emit, topic, ...options }: RetryOptions & { readonly emit: Emit; readonly topic: string },
): Promise<T> {
  const { clock, timeoutMs, what } = options;
  const start = clock.monotonic();
  let waiting = false;
  const result = await retry(async () => {
    try {
      return await attempt();
    } catch (error) {
      if (!waiting && options.giveUp?.(error) !== true)
        emit({ type: 'waiting', topic, for: what, timeoutMs });
      waiting = true;
      throw error;
    }
  }, options);
  if (waiting) emit({ type: 'waited', topic, for: what, milliseconds: clock.monotonic() - start });
  return result;
}
