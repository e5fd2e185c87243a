import type { Host } from '../host.ts';
import { causeError, watchForCause } from './watch.ts';

export interface CauseWatch {
  /** The failed step, with which the error begins. */
  readonly what: string;
  readonly criSocket: string;
  readonly components: readonly string[];
  /** The time when the command began. */
  readonly since: Date;
  readonly signal: AbortSignal;
}

/**
 * Runs `wait`, and ends it early if the diagnosis finds a cause that time does not heal.
 *
 * @throws KubeadmError of the cause, with `details.rule`; the errors of `wait`
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
