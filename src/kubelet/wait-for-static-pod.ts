/** Waits for the containers of static Pods. The container runtime knows them also while no API server answers. */
import type { CriClient, PodSandbox } from '../clients/cri/cri-client.ts';
import { KubeadmError } from '../errors.ts';
import type { Host } from '../host.ts';
import { retry } from '../lib/retry.ts';

/** A static Pod of this node. */
export interface StaticPodId {
  /** The name of the container, such as `kube-apiserver`. */
  readonly component: string;
  readonly nodeName: string;
}

/** The runtime cannot be watched. A look takes some milliseconds. */
const lookIntervalMs = 150;

/**
 * The UID of the Pod that runs for a component; undefined if no Pod runs. The UID changes with the manifest.
 *
 * @throws CriError
 */
export async function runningPodUid(cri: CriClient, pod: StaticPodId): Promise<string | undefined> {
  const sandboxes = await cri.podSandboxes();
  return newest(sandboxes.filter((one) => one.state === 'ready' && isOf(one, pod)))?.uid;
}

export interface StaticPodWait {
  readonly criSocket: string;
  /** Whether a Pod with this UID is the one that must run. */
  readonly isWanted: (uid: string) => boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Waits until the container of the wanted Pod runs, and no other container of the component does.
 *
 * @throws RetryTimeout with what the runtime reports; the signal's reason
 */
export async function waitForStaticPod(
  host: Pick<Host, 'cri' | 'clock'>,
  pod: StaticPodId,
  { criSocket, isWanted, signal, timeoutMs }: StaticPodWait,
): Promise<void> {
  const cri = host.cri(criSocket);
  const what = `the kubelet to run ${pod.component}`;
  const intervalMs = (): number => lookIntervalMs;
  try {
    await retry(
      async () => {
        const problem = await problemOf(cri, pod, isWanted);
        if (problem !== undefined) throw new KubeadmError('timeout', problem);
      },
      { clock: host.clock, what, signal, timeoutMs, intervalMs },
    );
  } finally {
    cri.close();
  }
}

async function problemOf(
  cri: CriClient,
  pod: StaticPodId,
  isWanted: StaticPodWait['isWanted'],
): Promise<string | undefined> {
  const [all, containers] = await Promise.all([cri.podSandboxes(), cri.containers()]);
  const own = all.filter((sandbox) => isOf(sandbox, pod));
  const wanted = newest(own.filter(({ state, uid }) => state === 'ready' && isWanted(uid)));
  const running = containers.filter(
    ({ name, podSandboxId, state }) =>
      name === pod.component && state === 'running' && own.some(({ id }) => id === podSandboxId),
  );
  if (running.some(({ podSandboxId }) => podSandboxId !== wanted?.id))
    return 'the container of the other manifest still runs';
  if (wanted === undefined) return 'the kubelet has not made a Pod from the manifest yet';
  return running.length > 0 ? undefined : 'the container of the manifest does not run';
}

/** A mirror Pod has the name of its node at the end. */
function isOf({ name, namespace }: PodSandbox, { component, nodeName }: StaticPodId): boolean {
  return namespace === 'kube-system' && name === `${component}-${nodeName}`;
}

function newest(sandboxes: readonly PodSandbox[]): PodSandbox | undefined {
  return sandboxes.toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0)).at(-1);
}
