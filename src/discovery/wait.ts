import type { Emit } from '../events.ts';
import { type RetryClock, RetryTimeout, retry } from '../lib/retry.ts';
import type { Obstacle } from './obstacles.ts';
import { refusal, timeout } from './refusals.ts';

export interface DiscoveryWait {
  readonly clock: RetryClock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** `timeouts.discovery`. */
  readonly timeoutMs: number;
}

/** An answer that is not enough yet. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
  readonly obstacle: Obstacle;

  constructor(obstacle: Obstacle) {
    super(obstacle.message);
    this.obstacle = obstacle;
  }
}

/** A hundredth of the time that the obstacle has lasted, at least 100 ms and at most 1 s. */
export function discoveryInterval(lastedMs: number): number {
  return Math.min(1000, Math.max(100, lastedMs / 100));
}

/**
 * Tries until an attempt succeeds. Whenever the obstacle changes, it reports what it waits for, and the pauses are short
 * again. It ends early if an obstacle lasts longer than its patience.
 *
 * @param what names the thing that the wait is for; it completes "Waiting for …"
 * @param obstacleOf returns undefined for errors that end the wait at once
 * @throws KubeadmError `discovery-failed`, or `timeout` at the time limit; the signal's reason
 */
export async function untilAnswered<T>(
  attempt: () => Promise<T>,
  obstacleOf: (error: unknown) => Obstacle | undefined,
  { clock, emit, signal, timeoutMs, what }: DiscoveryWait & { readonly what: string },
): Promise<T> {
  let current: { readonly obstacle: Obstacle; readonly since: number; readonly for: string } | undefined;
  const over = (): void => {
    if (current === undefined) return;
    const milliseconds = clock.monotonic() - current.since;
    emit({ type: 'waited', topic: 'discovery', for: current.for, milliseconds });
  };
  const note = (error: unknown): void => {
    const obstacle = error instanceof NotYet ? error.obstacle : obstacleOf(error);
    if (obstacle !== undefined && obstacle.reason === current?.obstacle.reason) {
      current = { ...current, obstacle };
      return;
    }
    over();
    current = obstacle && {
      obstacle,
      since: clock.monotonic(),
      for: `${what}: ${obstacle.message}`,
    };
    if (current !== undefined) emit({ type: 'waiting', topic: 'discovery', for: current.for, timeoutMs });
  };
  const lasted = (): number => (current === undefined ? 0 : clock.monotonic() - current.since);
  const tried = async (): Promise<T> => {
    try {
      return await attempt();
    } catch (error) {
      if (!signal.aborted) note(error);
      throw error;
    }
  };
  const giveUp = (): boolean =>
    !signal.aborted && lasted() >= (current?.obstacle.patienceMs ?? (current === undefined ? 0 : Infinity));
  try {
    const intervalMs = (): number => discoveryInterval(lasted());
    const result = await retry(tried, { clock, signal, timeoutMs, what, giveUp, intervalMs });
    over();
    return result;
  } catch (error) {
    signal.throwIfAborted();
    if (current === undefined) throw error;
    if (error instanceof RetryTimeout) throw timeout(current.obstacle, timeoutMs, error.cause);
    throw refusal(current.obstacle, lasted(), error);
  }
}
