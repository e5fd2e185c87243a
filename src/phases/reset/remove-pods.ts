import type { CriClient } from '../../clients/cri/cri-client.ts';
import { KubeadmError, messageOf } from '../../errors.ts';
import type { KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host/ports.ts';
import type { PhaseContext } from '../../workflow/phase.ts';

type Context = PhaseContext<KubeadmEvent>;

const tries = 5;
/** A runtime that was making a Pod when the kubelet was stopped may show it only afterwards. */
const looks = 3;

/**
 * Stops and removes every Pod sandbox of the runtime, side by side, each in up to 5 tries; then looks again.
 *
 * @throws CriError when there is no runtime; KubeadmError `cri` that names each Pod that is left; the signal's reason,
 *   when calls in flight have ended. Source: util/runtime/runtime.go RemoveContainers
 */
export async function removePods(
  { cri }: Pick<Host, 'cri'>,
  socket: string,
  context: Context,
): Promise<void> {
  const client = cri(socket);
  try {
    for (let look = 1; look <= looks; look++) {
      const sandboxes = await client.podSandboxes();
      if (sandboxes.length === 0) return;
      const failures = await Promise.all(
        sandboxes.map(({ id, namespace, name }) =>
          removePod(client, id, { ...context, label: `${namespace}/${name} (${id.slice(0, 13)})` }),
        ),
      );
      context.signal.throwIfAborted();
      const left = failures.filter((failure) => failure !== undefined);
      if (left.length > 0) throw new KubeadmError('cri', left.join('; '), { details: { left } });
    }
  } finally {
    client.close();
  }
}

async function removePod(
  client: CriClient,
  id: string,
  { emit, label, signal }: Context & { readonly label: string },
): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) return undefined;
    emit({ type: 'detail', verbosity: 5, message: `[reset] removing Pod ${label}, try ${attempt}` });
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
