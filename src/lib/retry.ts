import { at } from './is-record.ts';

/** The part of the clock that retries use. */
export interface RetryClock {
  readonly monotonic: () => number;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export interface RetryOptions {
  readonly clock: RetryClock;
  /** Names the thing that the wait is for; it completes "waited for …". */
  readonly what: string;
  readonly timeoutMs: number;
  /** The time limit begins when this has resolved; by default it begins with the first try. */
  readonly limitStart?: Promise<unknown> | undefined;
  /** Returns the pause before the next try for the time since the first one; default `adaptiveInterval`. */
  readonly intervalMs?: (elapsedMs: number) => number;
  /** Ends the pauses. An attempt that should end early passes it to its own calls. */
  readonly signal?: AbortSignal | undefined;
  /** Returns true for errors that another try cannot fix; they are thrown unchanged. */
  readonly giveUp?: (error: unknown) => boolean;
}

/** The deadline has passed; `cause` is the error of the last try. */
export class RetryTimeout extends Error {
  override readonly name = 'RetryTimeout';
  readonly what: string;
  readonly milliseconds: number;
  readonly tries: number;

  constructor(
    what: string,
    { milliseconds, tries }: { milliseconds: number; tries: number },
    cause: unknown,
  ) {
    const last = cause instanceof Error ? cause.message : String(cause);
    super(`waited ${seconds(milliseconds)} for ${what} (${tries} tries); the last one: ${last}`, { cause });
    this.what = what;
    this.milliseconds = milliseconds;
    this.tries = tries;
  }
}

/** A fiftieth of the elapsed time, at least 50 ms and at most 500 ms. */
export function adaptiveInterval(elapsedMs: number): number {
  return Math.min(500, Math.max(50, elapsedMs / 50));
}

/** A pause of at most 100 ms, for states that must be noticed at once. */
export function shortInterval(elapsedMs: number): number {
  return Math.min(100, Math.max(50, elapsedMs / 50));
}

/**
 * Retries until an attempt succeeds: at once, then after each pause, with a last try at the deadline. An attempt that
 * fails after the signal was aborted is the last one. If an error has a number in `details.retryAfterMs`, the pause is at
 * least that long. The error of an API server that answers with Retry-After has it.
 *
 * @throws RetryTimeout at the deadline, the error itself if `giveUp` returns true, the signal's reason
 */
export async function retry<T>(attempt: (tries: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal, timeoutMs } = options;
  const interval = options.intervalMs ?? adaptiveInterval;
  const start = clock.monotonic();
  let limitFrom = options.limitStart === undefined ? start : Number.POSITIVE_INFINITY;
  options.limitStart?.then(() => {
    limitFrom = clock.monotonic();
  });
  for (let tries = 1; ; tries += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt(tries);
    } catch (error) {
      if (options.giveUp?.(error) === true) throw error;
      signal?.throwIfAborted();
      const now = clock.monotonic();
      const elapsed = now - start;
      const left = limitFrom + timeoutMs - now;
      if (left <= 0) throw new RetryTimeout(options.what, { milliseconds: elapsed, tries }, error);
      const pause = Math.max(interval(elapsed), requestedPause(error));
      await clock.sleep(Math.min(pause, left), signal);
    }
  }
}

function requestedPause(error: unknown): number {
  const milliseconds = at(error, 'details', 'retryAfterMs');
  return typeof milliseconds === 'number' ? milliseconds : 0;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)}s`;
}
