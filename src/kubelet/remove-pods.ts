import type { CriClient } from '../clients/cri/cri-client.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { mapConcurrently } from '../lib/concurrent.ts';

interface Context {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

const tries = 5;
/** A call is bounded by 2 s: a runtime that is asked to remove a hundred Pods at once does not keep up. */
const podsAtOnce = 8;

interface Removal extends Context {
  /** Time of the host's monotonic clock until which the runtime may show a Pod that it was making for the kubelet. */
  readonly settledAt: number;
}

/**
 * Stops and removes every Pod sandbox of the runtime, 8 at a time, each in up to 5 tries; then looks once more, not
 * before `settledAt`. If the runtime has no sandbox and none is to come, one look is enough.
 *
 * @throws CriError when the runtime does not answer; KubeadmError `cri` that names each Pod that is left; the signal's reason,
 *   when calls in flight have ended. Source: util/runtime/runtime.go RemoveContainers
 */
export async function removePods(
  { clock, cri }: Pick<Host, 'clock' | 'cri'>,
  socket: string,
  { settledAt, ...context }: Removal,
): Promise<void> {
  const client = cri(socket);
  try {
    const found = await removeOnce(client, context);
    const restMs = settledAt - clock.monotonic();
    if (restMs > 0) await clock.sleep(restMs, context.signal);
    else if (found === 0) return;
    context.signal.throwIfAborted();
    await removeOnce(client, context);
  } finally {
    client.close();
  }
}

/** The number of sandboxes that were found. */
async function removeOnce(client: CriClient, context: Context): Promise<number> {
  const sandboxes = await client.podSandboxes();
  const failures = await mapConcurrently(sandboxes, podsAtOnce, ({ id, namespace, name }) =>
    removePod(client, id, { ...context, label: `${namespace}/${name} (${id.slice(0, 13)})` }),
  );
  context.signal.throwIfAborted();
  const left = failures.filter((failure) => failure !== undefined);
  if (left.length > 0) throw new KubeadmError('cri', left.join('; '), { details: { left } });
  return sandboxes.length;
}

async function removePod(
  client: CriClient,
  id: string,
  { emit, label, signal }: Context & { readonly label: string },
): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) return undefined;
    emit({ type: 'detail', verbosity: 5, topic: 'reset', message: `removing Pod ${label}, try ${attempt}` });
    try {
      await client.stopPodSandbox(id);
      await client.removePodSandbox(id);
      return undefined;
    } catch (error) {
      if (!(error instanceof KubeadmError)) throw error;
      if (attempt === tries) return `failed to remove Pod ${label}: ${messageOf(error)}`;
    }
  }
}
