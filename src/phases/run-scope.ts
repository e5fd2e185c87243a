/** What phases share beside their input: each value is made when it is first asked for, and closed with the run. */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import type { ClientContext } from '../cluster/client.ts';

/** It holds no results of phases: a single phase makes its own values in the same way. */
export interface RunScope {
  /** The API client of the run, for calls that a phase retries; the run closes it. */
  readonly client: (context: ClientContext) => Promise<KubeClient>;
  readonly close: () => void;
}

/**
 * A scope whose client is made once. A client that could not be made is made again for the next phase that asks.
 *
 * @param connect gets the context of the phase that asks first
 */
export function createRunScope(connect: (context: ClientContext) => Promise<KubeClient>): RunScope {
  let client: Promise<KubeClient> | undefined;
  return {
    client: async (context) => {
      const made = client ?? connect(context);
      client = made;
      try {
        return await made;
      } catch (error) {
        if (client === made) client = undefined;
        throw error;
      }
    },
    close: () => {
      client?.then(
        ({ close }) => close(),
        () => undefined,
      );
      client = undefined;
    },
  };
}
