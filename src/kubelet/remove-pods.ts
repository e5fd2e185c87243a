import type { CriClient } from '../clients/cri/cri-client.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Clock, Host } from '../host.ts';
import { mapConcurrently } from '../lib/concurrent.ts';

interface Context {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** The topic of the events: the name of the command. */
  readonly topic: string;
}

const tries = 5;
/** After this time, a Pod gets no further try. A runtime that hangs costs 10 s with each call. */
const longestMs = 20_000;
/** Each call has a limit of 10 s, which a runtime misses if it must remove a hundred Pods at once. */
const podsAtOnce = 8;

interface Removal extends Context {
  /** Until this time of the host's monotonic clock, the runtime can still finish Pods that it creates for the kubelet. */
  readonly settledAt: number;
}

/**
 * Stops and removes every Pod sandbox of the runtime, 8 at the same time, each with up to 5 tries in 20 s. Then it lists them
 * once more, but not before `settledAt`. If there is no sandbox and none is expected, one list is enough.
 *
 * @throws CriError if the runtime does not answer; KubeadmError `cri` that names each remaining Pod; the signal's reason,
 *   after calls in flight have ended. Source: util/runtime/runtime.go RemoveContainers
 */
export async function removePods(
  { clock, cri }: Pick<Host, 'clock' | 'cri'>,
  socket: string,
  { settledAt, ...context }: Removal,
): Promise<void> {
  const client = cri(socket);
  try {
    const found = await removeOnce(client, clock, context);
    const restMs = settledAt - clock.monotonic();
    if (restMs > 0) await clock.sleep(restMs, context.signal);
    else if (found === 0) return;
    context.signal.throwIfAborted();
    await removeOnce(client, clock, context);
  } finally {
    client.close();
  }
}

/** Returns the number of sandboxes in the list. */
async function removeOnce(client: CriClient, clock: Clock, context: Context): Promise<number> {
  const sandboxes = await client.podSandboxes();
  const failures = await mapConcurrently(sandboxes, podsAtOnce, ({ id, namespace, name }) =>
    removePod(client, id, { ...context, clock, label: `${namespace}/${name} (${id.slice(0, 13)})` }),
  );
  context.signal.throwIfAborted();
  const left = failures.filter((failure) => failure !== undefined);
  if (left.length > 0) throw new KubeadmError('cri', left.join('; '), { details: { left } });
  return sandboxes.length;
}

async function removePod(
  client: CriClient,
  id: string,
  { clock, emit, label, signal, topic }: Context & { readonly clock: Clock; readonly label: string },
): Promise<string | undefined> {
  const start = clock.monotonic();
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) return undefined;
    emit({ type: 'detail', verbosity: 5, topic, message: `removing Pod ${label}, try ${attempt}` });
    try {
      await client.stopPodSandbox(id);
      await client.removePodSandbox(id);
      return undefined;
    } catch (error) {
      if (!(error instanceof KubeadmError)) throw error;
      if (attempt === tries || clock.monotonic() - start >= longestMs)
        return `failed to remove Pod ${label}: ${messageOf(error)}`;
    }
  }
}
