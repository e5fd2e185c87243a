import type { Clock } from '../../host.ts';
import type { WriteGate } from './gate.ts';

export interface MemoryClock {
  readonly port: Clock;
  /** Advances the time and wakes the sleepers whose time has come, in order. */
  readonly advance: (milliseconds: number) => Promise<void>;
  /** The number of sleepers, for tests that advance by hand. */
  readonly sleeping: () => number;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/**
 * A clock that stands still. With `instant` (the default of a memory host), a sleep advances the time by its length and
 * ends at once, after other pending work had its turn. Otherwise only `advance` does.
 */
export function createMemoryClock(start: Date, instant: boolean, gate: WriteGate): MemoryClock {
  let elapsed = 0;
  const sleepers = new Set<Sleeper>();
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  const sleep: Clock['sleep'] = async (milliseconds, signal) => {
    gate.check();
    if (isAborted(signal)) return;
    if (instant) {
      const until = elapsed + milliseconds;
      await turn();
      if (!isAborted(signal)) elapsed = Math.max(elapsed, until);
      gate.check();
      return;
    }
    await new Promise<void>((resolve) => {
      const sleeper = { until: elapsed + milliseconds, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        sleepers.delete(sleeper);
        resolve();
      });
    });
    gate.check();
  };

  return {
    port: {
      now: () => new Date(start.getTime() + elapsed),
      offsetMinutes: () => 0,
      monotonic: () => elapsed,
      sleep,
    },
    sleeping: () => sleepers.size,
    advance: async (milliseconds) => {
      const end = elapsed + milliseconds;
      for (;;) {
        await turn();
        const [next] = [...sleepers].filter(({ until }) => until <= end).sort((a, b) => a.until - b.until);
        if (next === undefined) break;
        elapsed = Math.max(elapsed, next.until);
        sleepers.delete(next);
        next.wake();
      }
      elapsed = end;
      await turn();
    },
  };
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted ?? false;
}
