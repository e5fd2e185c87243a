import type { ContainerStatus, CriClient } from '../clients/cri/cri-client.ts';
import { KubeadmError } from '../errors.ts';
import type { Host } from '../host.ts';
import { retry } from '../lib/retry.ts';
import { currentSandbox } from './current-sandbox.ts';

/** The runtime cannot be watched. A look takes some milliseconds. */
const lookIntervalMs = 150;
const endReportedMs = 10_000;

/**
 * The container that runs for a static Pod; undefined if no container runs.
 *
 * @param component the name of the container, such as `etcd`
 * @throws CriError
 */
export async function runningContainer(
  cri: Pick<CriClient, 'containers' | 'podSandboxes'>,
  component: string,
): Promise<ContainerStatus | undefined> {
  const [sandboxes, containers] = await Promise.all([cri.podSandboxes(), cri.containers()]);
  const sandbox = currentSandbox(component, sandboxes);
  return containers.find(
    ({ name, podSandboxId, state }) =>
      name === component && state === 'running' && podSandboxId === sandbox?.id,
  );
}

/**
 * Ends the container of a static Pod. Its manifest does not change, so the kubelet starts the container again, also if
 * this program is cut off.
 *
 * @returns the id of the container; undefined if no container runs
 * @throws CriError
 */
export async function stopStaticPod(
  host: Pick<Host, 'cri' | 'clock'>,
  { component, criSocket }: { readonly component: string; readonly criSocket: string },
): Promise<string | undefined> {
  const cri = host.cri(criSocket);
  try {
    const running = await runningContainer(cri, component);
    if (running !== undefined) await endContainer(host, cri, running.id);
    return running?.id;
  } finally {
    cri.close();
  }
}

/** The runtime breaks the call off if the container ends by itself meanwhile, and reports its end a moment later. */
async function endContainer(
  { clock }: Pick<Host, 'clock'>,
  cri: Pick<CriClient, 'containers' | 'stopContainer'>,
  id: string,
): Promise<void> {
  try {
    await cri.stopContainer(id);
  } catch (error) {
    const hasEnded = async (): Promise<void> => {
      const found = (await cri.containers()).find((one) => one.id === id);
      if (found?.state === 'running') throw error;
    };
    const wait = { clock, what: 'the end of the container', timeoutMs: endReportedMs };
    await retry(hasEnded, wait).catch(() => {
      throw error;
    });
  }
}

export interface RestartWait {
  readonly component: string;
  readonly criSocket: string;
  /** The id of the container that was ended. */
  readonly ended: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Waits until the kubelet has started another container.
 *
 * @throws RetryTimeout; the signal's reason
 */
export async function waitForRestart(
  host: Pick<Host, 'clock' | 'cri'>,
  { component, criSocket, ended, signal, timeoutMs }: RestartWait,
): Promise<void> {
  const cri = host.cri(criSocket);
  const what = `the kubelet to start ${component}`;
  try {
    await retry(
      async () => {
        const running = await runningContainer(cri, component);
        if (running === undefined || running.id === ended)
          throw new KubeadmError('timeout', `no new container of ${component} runs`);
      },
      { clock: host.clock, what, signal, timeoutMs, intervalMs: () => lookIntervalMs },
    );
  } finally {
    cri.close();
  }
}
