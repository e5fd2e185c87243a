import type { Host } from '../host.ts';
import { causeError, watchForCause } from './watch.ts';

export interface CauseWatch {
  /** What failed: the beginning of the error that names the cause. */
  readonly what: string;
  readonly criSocket: string;
  readonly components: readonly string[];
  /** When the command began. */
  readonly since: Date;
  readonly signal: AbortSignal;
}

/**
 * Does `wait`, and ends it early when the diagnosis finds a cause that will not heal.
 *
 * @throws KubeadmError of the cause, with `details.rule`; what `wait` throws
 */
export async function untilCause(
  host: Pick<Host, 'files' | 'exec' | 'cri' | 'clock'>,
  { what, signal, ...watch }: CauseWatch,
  wait: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const done = new AbortController();
  const early = new AbortController();
  const watching = watchForCause(host, { ...watch, signal: AbortSignal.any([signal, done.signal]) }).then(
    (diagnosis) => {
      if (diagnosis !== undefined) early.abort(causeError(what, diagnosis));
    },
  );
  // Its last look is not awaited, because a cause has no effect when the wait is over.
  watching.catch(() => undefined);
  try {
    await wait(AbortSignal.any([signal, early.signal]));
  } finally {
    done.abort();
  }
}
