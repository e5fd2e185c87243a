import { messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';

/** Reports an error of the diagnosis itself, which does not change the result of the run, with `-v 1`. */
export function reportFault(error: unknown, emit: Emit): void {
  const message = `the diagnosis has failed: ${messageOf(error)}`;
  emit({ type: 'detail', verbosity: 1, topic: 'diagnosis', message });
}
