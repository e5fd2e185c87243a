/** Waits until components run with the manifests that they must have. */
import { untilCause } from '../diagnosis/until-cause.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import { waitForStaticPod } from '../kubelet/wait-for-static-pod.ts';
import { RetryTimeout } from '../lib/retry.ts';
import type { StaticPodName } from '../releases/release.ts';
import type { PodEnd, SwapHost, SwapOptions, Swapped } from './swap.ts';

const topic = 'upgrade/staticpods';

/** Components, and whether their new or their earlier Pods must run. */
interface Wanted {
  readonly swapped: readonly Swapped[];
  readonly runs: 'new' | 'earlier';
}

/** Ends early if the diagnosis finds a cause that time does not heal. The signal of the run does not end it. */
export async function waitUntilRunning(
  host: SwapHost,
  { runs, swapped }: Wanted,
  options: SwapOptions,
): Promise<void> {
  const { criSocket, emit } = options;
  const components = swapped.map(({ component }) => component);
  const reassure = (): void => reportInterruption(components, options);
  options.signal.addEventListener('abort', reassure);
  try {
    await untilCause(host, {
      what: `${namesOf(swapped)} did not come up with the ${runs} manifest`,
      criSocket,
      components,
      wording: 'upgrade',
      endingPods: new Set(runs === 'new' ? swapped.map(({ before }) => before) : []),
      emit,
      wait: async (early) => {
        const stop = new AbortController();
        const signal = AbortSignal.any([stop.signal, early]);
        const waits = swapped.map((one) => waitForPod(host, one, { ...options, runs, signal }));
        // The first failure ends the wait for the other component, because both are put back.
        for (const wait of waits) wait.catch((error: unknown) => stop.abort(error));
        await Promise.allSettled(waits);
        stop.signal.throwIfAborted();
      },
    });
  } finally {
    options.signal.removeEventListener('abort', reassure);
  }
}

/** @param options with the signal that ends the wait */
export async function waitForPod(
  host: SwapHost,
  { before, component }: Swapped,
  options: SwapOptions & { readonly runs: Wanted['runs'] },
): Promise<void> {
  const { criSocket, emit, isHealthy, nodeName, runs, signal, timeoutMs } = options;
  const start = host.clock.monotonic();
  const isNew = runs === 'new';
  const what = `the kubelet to ${isNew ? 'restart' : 'run the earlier'} ${component}`;
  emit({ type: 'waiting', topic, for: what, timeoutMs });
  const isWanted = (uid: string): boolean => (uid !== before) === isNew;
  const isUp = new AbortController();
  helpToEnd(component, { isWanted, signal: AbortSignal.any([signal, isUp.signal]) }, options);
  try {
    await waitForStaticPod(host, { component, nodeName }, { criSocket, isWanted, timeoutMs, signal });
    await isHealthy(component, signal);
  } catch (error) {
    throw error instanceof RetryTimeout
      ? new KubeadmError('timeout', error.message, { cause: error })
      : error;
  } finally {
    isUp.abort();
  }
  const milliseconds = host.clock.monotonic() - start;
  emit({ type: 'waited', topic, for: what, milliseconds });
  if (isNew) emit({ type: 'static-pod-swapped', component, milliseconds });
}

/** Without the help, the kubelet only needs longer. */
function helpToEnd(component: StaticPodName, end: PodEnd, { emit, endOtherPods }: SwapOptions): void {
  endOtherPods?.(component, end).catch((error: unknown) => {
    if (end.signal.aborted) return;
    const message = `the earlier ${component} cannot be ended early: ${messageOf(error)}`;
    emit({ type: 'detail', verbosity: 1, topic, message });
  });
}

function reportInterruption(components: readonly string[], { emit }: SwapOptions): void {
  const names = components.join(' and ');
  const message = `The run is interrupted. It ends when ${names} has come up, or has been put back`;
  emit({ type: 'progress', topic, message });
}

/** `kube-controller-manager and kube-scheduler` */
export function namesOf(swapped: readonly Swapped[]): string {
  return swapped.map(({ component }) => component).join(' and ');
}
