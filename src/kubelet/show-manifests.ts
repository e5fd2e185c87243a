/**
 * The kubelet starts before the manifests exist. If a manifest appears after the kubelet's first read of the folder but
 * before its watch begins, the kubelet would find it only at its next read (fileCheckFrequency, 20 s). Setting the mode
 * of the file again triggers the watch without changing the Pod. Source: pkg/kubelet/config/file_linux.go.
 */
import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { RetryTimeout, retry } from '../lib/retry.ts';
import { manifestPath } from '../names.ts';
import { currentSandbox } from './current-sandbox.ts';

/** After this time the kubelet has read the folder again. */
const fileCheckFrequencyMs = 20_000;
const intervalMs = 500;

/** Sets the mode of each manifest to its current value. */
export async function showManifests(
  { files }: Pick<Host, 'files'>,
  components: readonly string[],
): Promise<void> {
  for (const path of components.map(manifestPath)) {
    const mode = (await files.stat(path))?.mode;
    // Errors do not matter, because the kubelet finds the manifest later anyway.
    if (mode !== undefined) await files.chmod(path, mode).catch(() => undefined);
  }
}

interface ShowOptions {
  readonly criSocket: string;
  readonly components: readonly string[];
  readonly context: { readonly emit: Emit; readonly signal: AbortSignal };
}

/**
 * For a kubelet without a health endpoint: touches the manifests until each has its sandbox. It also ends when the
 * kubelet must have found them, or when the signal is aborted.
 */
export async function showUntilTaken(host: Pick<Host, 'files' | 'cri' | 'clock'>, options: ShowOptions) {
  const { components, context, criSocket } = options;
  const { clock } = host;
  const what = 'the sandboxes of the static Pods';
  context.emit({ type: 'waiting', topic: 'kubelet-check', for: what, timeoutMs: fileCheckFrequencyMs });
  const start = clock.monotonic();
  const cri = host.cri(criSocket);
  const attempt = async (): Promise<void> => {
    const sandboxes = await cri.podSandboxes().catch(() => []);
    const waiting = components.filter((name) => currentSandbox(name, sandboxes) === undefined);
    const left = await withManifest(host, waiting);
    if (left.length === 0) return;
    context.signal.throwIfAborted();
    await showManifests(host, left);
    throw new KubeadmError('timeout', `no sandbox of ${left.join(', ')}`);
  };
  try {
    const { signal } = context;
    await retry(attempt, {
      clock,
      what,
      signal,
      timeoutMs: fileCheckFrequencyMs,
      intervalMs: () => intervalMs,
      giveUp: (error) => !(error instanceof KubeadmError),
    });
    const milliseconds = clock.monotonic() - start;
    context.emit({ type: 'waited', topic: 'kubelet-check', for: what, milliseconds });
  } catch (error) {
    if (!(error instanceof RetryTimeout || context.signal.aborted)) throw error;
  } finally {
    cri.close();
  }
}

async function withManifest(
  { files }: Pick<Host, 'files'>,
  components: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(components.map((name) => files.stat(manifestPath(name))));
  return components.filter((_, index) => found[index] !== undefined);
}
