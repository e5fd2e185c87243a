/** Waits until the API shows the static Pods of this node. */
import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { waitFor } from '../clients/kube/wait-for.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { runningPodUid } from '../kubelet/wait-for-static-pod.ts';
import { at } from '../lib/is-record.ts';
import { configHashAnnotation, controlPlaneComponents } from '../names.ts';

const topic = 'upgrade/staticpods';

export interface MirrorPodWait {
  readonly client: KubeClient;
  readonly nodeName: string;
  readonly criSocket: string;
  readonly timeoutMs: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Waits until the API shows the Pods that run on this node. The kubelet registers them when it reaches the API server
 * again.
 *
 * @throws RetryTimeout; CriError; the signal's reason
 */
export async function waitForMirrorPods(
  host: Pick<Host, 'cri' | 'clock'>,
  wait: MirrorPodWait,
): Promise<void> {
  const { criSocket, emit, nodeName, timeoutMs } = wait;
  const start = host.clock.monotonic();
  const what = 'the API to show the Pods of the control plane';
  emit({ type: 'waiting', topic, for: what, timeoutMs });
  const cri = host.cri(criSocket);
  try {
    const uids = await Promise.all(
      controlPlaneComponents.map(async (component) => {
        return { component, uid: await runningPodUid(cri, { component, nodeName }) };
      }),
    );
    await Promise.all(uids.map((pod) => waitForMirrorPod(host, pod, wait)));
  } finally {
    cri.close();
  }
  emit({ type: 'waited', topic, for: what, milliseconds: host.clock.monotonic() - start });
}

async function waitForMirrorPod(
  { clock }: Pick<Host, 'clock'>,
  { component, uid }: { readonly component: string; readonly uid: string | undefined },
  { client, nodeName, signal, timeoutMs }: MirrorPodWait,
): Promise<void> {
  const name = `${component}-${nodeName}`;
  const query = {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'kube-system',
    fieldSelector: `metadata.name=${name}`,
  };
  const missing = ([pod]: readonly KubeObject[]): string =>
    pod === undefined ? `Pod ${name} does not exist` : `Pod ${name} is still the earlier one`;
  const isShown = (pod: KubeObject): boolean =>
    pod.metadata.annotations?.[configHashAnnotation] === uid && at(pod, 'status', 'phase') === 'Running';
  await waitFor(client, query, ([pod]) => (pod !== undefined && isShown(pod) ? true : undefined), {
    clock,
    what: `Pod ${name}`,
    timeoutMs,
    signal,
    missing,
  });
}
