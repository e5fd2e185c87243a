/** Ends a wait for static Pods early if the diagnosis finds a cause, and explains a wait that failed. */
import type { Emit } from '../events.ts';
import { causeError, explainFailure } from './explain.ts';
import { createObserver, type Observer, type ObserverHost } from './observer.ts';
import type { Wording } from './remedy.ts';
import { reportFault } from './report-fault.ts';
import { type Diagnosis, watchForCause } from './watch.ts';

export interface WatchedWait {
  /** What has failed if a cause ends the wait. */
  readonly what: string;
  readonly criSocket: string;
  /** The names of the containers, in the order of their dependencies. */
  readonly components: readonly string[];
  /** The command whose words the remedy has. */
  readonly wording: Wording;
  /** UIDs of the earlier Pods. They can run for 30 more seconds, and their faults are not those of the new ones. */
  readonly endingPods: ReadonlySet<string>;
  /** False if a cause does not end the wait, and only explains its failure. Defaults to true. */
  readonly endsEarly?: boolean;
  readonly emit: Emit;
  /** Its signal is aborted when a cause is found that time does not heal. */
  readonly wait: (signal: AbortSignal) => Promise<void>;
}

/**
 * A fault of the diagnosis does not end the wait.
 *
 * @throws the error of `causeError` if a cause ended the wait; else the error of the wait with its explanation
 */
export async function untilCause(
  host: ObserverHost,
  { components, criSocket, emit, endingPods, endsEarly = true, wait, what, wording }: WatchedWait,
): Promise<void> {
  const { clock } = host;
  const [watching, early, asking] = [new AbortController(), new AbortController(), new AbortController()];
  const observed = { criSocket, components, endingPods, since: clock.now(), signal: asking.signal };
  let observer: Observer | undefined;
  let found: Diagnosis | undefined;
  const watch = async (): Promise<void> => {
    observer = createObserver(host, observed);
    const diagnosis = await watchForCause(observer, { clock, signal: watching.signal });
    if (diagnosis === undefined || watching.signal.aborted) return;
    found = diagnosis;
    early.abort(new Error(diagnosis.summary));
  };
  if (endsEarly) {
    void watch().catch((error: unknown) => {
      if (!watching.signal.aborted) reportFault(error, emit);
    });
  }
  try {
    await wait(early.signal);
  } catch (error) {
    watching.abort();
    const explain = async (): Promise<unknown> => {
      if (found !== undefined) return await causeError(host, { diagnosis: found, what }, { wording });
      if (observer === undefined) return error;
      return await explainFailure(error, host, { observer, components, criSocket, wording, emit });
    };
    throw await explain().catch((fault: unknown) => {
      reportFault(fault, emit);
      return error;
    });
  } finally {
    watching.abort();
    asking.abort();
    observer?.close();
  }
}
