/** Values that phases share besides their input. Each is created on first use and closed with the run. */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import type { ClientContext } from '../cluster/client.ts';

/** Does not contain results of phases, so that a single phase can create the same values. */
export interface RunScope {
  /** The API client of the run, for calls that a phase retries. The run closes it. */
  readonly client: (context: ClientContext) => Promise<KubeClient>;
  readonly close: () => void;
}

/**
 * Creates a scope with one client. If creating the client fails, the next phase that asks tries again.
 *
 * @param connect gets the context of the first phase that asks
 */
export function createRunScope(connect: (context: ClientContext) => Promise<KubeClient>): RunScope {
  let client: Promise<KubeClient> | undefined;
  let connectOnce = once(connect);
  return {
    client: async (context) => {
      client = connectOnce(context);
      return await client;
    },
    close: () => {
      client?.then(
        ({ close }) => close(),
        () => undefined,
      );
      client = undefined;
      connectOnce = once(connect);
    },
  };
}

/**
 * Returns a function that calls `make` only on the first call, and then returns the same value. If `make` fails, the next
 * call tries again.
 */
export function once<Arguments extends readonly unknown[], T>(
  make: (...given: Arguments) => Promise<T>,
): (...given: Arguments) => Promise<T> {
  let value: Promise<T> | undefined;
  return async (...given) => {
    const made = value ?? make(...given);
    value = made;
    try {
      return await made;
    } catch (error) {
      if (value === made) value = undefined;
      throw error;
    }
  };
}
