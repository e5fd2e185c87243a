/**
 * Replaces manifests of static Pods. A component that does not come up gets its earlier manifest back, and so do those that
 * were replaced before it. Source: cmd/kubeadm/app/phases/upgrade/staticpods.go, upgradeComponent.
 */
import { ifExists, KubeadmError, messageOf, withContext } from '../errors.ts';
import { putStaticPod } from '../kubelet/static-pod.ts';
import { runningPodUid } from '../kubelet/wait-for-static-pod.ts';
import { joinPath } from '../lib/join-path.ts';
import { manifestPath } from '../names.ts';
import type { StaticPodName } from '../releases/release.ts';
import type { SwapHost, SwapOptions, Swapped, Swapping } from './swap.ts';
import { namesOf, waitForPod, waitUntilRunning } from './wait-for-swapped.ts';

export interface NewManifest {
  readonly component: StaticPodName;
  readonly text: string;
}

const topic = 'upgrade/staticpods';

/**
 * Replaces the manifests step by step. The components of one step are replaced at the same time.
 *
 * @throws KubeadmError with the code of the cause; `details.putBack` has the components that got their earlier manifests
 *   back, and `details.problems` those that do not run again; the signal's reason, between two steps
 */
export async function swapStaticPods(
  host: SwapHost,
  steps: readonly (readonly NewManifest[])[],
  options: SwapOptions,
): Promise<void> {
  const done: Swapped[] = [];
  for (const step of steps.filter((list) => list.length > 0)) {
    options.signal.throwIfAborted();
    const begun: Swapped[] = [];
    try {
      for (const manifest of step) begun.push(await backUp(host, manifest, options));
      await options.onSwapping(Object.fromEntries(begun.map(({ before, component }) => [component, before])));
      for (const manifest of step) {
        const backup = joinPath(options.backupDir, `${manifest.component}.yaml`);
        options.emit({ type: 'static-pod-swapping', component: manifest.component, backup });
        await putStaticPod(host.files, manifest);
      }
      await waitUntilRunning(host, { swapped: begun, runs: 'new' }, options);
    } catch (error) {
      throw await putBack(host, [...done, ...begun], { ...options, error });
    }
    await options.onSwapping({});
    done.push(...begun);
  }
}

/**
 * Completes a swap that an earlier try began: waits for its components, or puts them back. A component that has its earlier
 * manifest already must run with it. One whose back-up is gone keeps its manifest.
 *
 * @throws as `swapStaticPods`
 */
export async function settleSwap(host: SwapHost, swapping: Swapping, options: SwapOptions): Promise<void> {
  const begun: Swapped[] = [];
  const kept: Swapped[] = [];
  for (const [component, before] of Object.entries(swapping) as [StaticPodName, string][]) {
    const earlier = await ifExists(host.files.readText(joinPath(options.backupDir, `${component}.yaml`)));
    const current = await ifExists(host.files.readText(manifestPath(component)));
    // A Pod that ran had a manifest.
    const isLost = earlier === undefined && before !== '';
    (current === earlier ? kept : begun).push({ component, earlier, before, isLost });
  }
  if (begun.length > 0) {
    const message = `Completing the unfinished upgrade of ${namesOf(begun)}`;
    options.emit({ type: 'progress', topic, message });
    try {
      await waitUntilRunning(host, { swapped: begun, runs: 'new' }, options);
    } catch (error) {
      throw await putBack(host, begun, { ...options, error });
    }
  }
  await waitUntilEarlierRun(
    host,
    kept.filter(({ before }) => before !== ''),
    options,
  );
  await options.onSwapping({});
}

/** Whether a component does not run again after this error of a swap. */
export function leavesProblems(error: unknown): boolean {
  const problems = error instanceof KubeadmError ? error.details.problems : undefined;
  return Array.isArray(problems) && problems.length > 0;
}

async function backUp(host: SwapHost, { component }: NewManifest, options: SwapOptions): Promise<Swapped> {
  const { backupDir, criSocket, nodeName } = options;
  const path = joinPath(backupDir, `${component}.yaml`);
  const earlier = await ifExists(host.files.readText(manifestPath(component)));
  if (earlier !== undefined) {
    await host.files.write(path, earlier, { mode: 0o600, directoryMode: 0o700 });
  }
  const cri = host.cri(criSocket);
  try {
    return { component, earlier, before: (await runningPodUid(cri, { component, nodeName })) ?? '' };
  } finally {
    cri.close();
  }
}

/** @throws KubeadmError whose `details.problems` has the cause */
async function waitUntilEarlierRun(
  host: SwapHost,
  swapped: readonly Swapped[],
  options: SwapOptions,
): Promise<void> {
  if (swapped.length === 0) return;
  try {
    await waitUntilRunning(host, { swapped, runs: 'earlier' }, options);
  } catch (error) {
    const details = { problems: [messageOf(error)], backupDir: options.backupDir };
    throw withContext(error, messageOf(error), { code: 'control-plane-unhealthy', details });
  }
}

/** Returns the error of the run, with what happened to the components. */
async function putBack(
  host: SwapHost,
  swapped: readonly Swapped[],
  options: SwapOptions & { readonly error: unknown },
): Promise<KubeadmError> {
  const { backupDir, emit, error } = options;
  const { clock } = host;
  const start = clock.monotonic();
  const returning = swapped.filter(({ isLost }) => isLost !== true);
  const components = returning.map(({ component }) => component);
  const lost = swapped
    .filter((one) => !returning.includes(one))
    .map(({ component }) => lostProblem(component));
  const results = await Promise.all(returning.map((one) => putOneBack(host, one, options)));
  const unhealed = results.filter((problem) => problem !== undefined);
  const problems = [...unhealed, ...lost];
  const milliseconds = clock.monotonic() - start;
  if (problems.length === 0) {
    emit({ type: 'static-pods-put-back', components, milliseconds });
    await options.onSwapping({});
  }
  for (const problem of unhealed) {
    const message = `${problem}. The back-up of its manifest is in ${backupDir}`;
    emit({ type: 'warning', code: 'component-not-put-back', topic, message });
  }
  const outcome =
    components.length === 0
      ? ['No manifest was changed', ...lost].join(', and ')
      : problems.length === 0
        ? `kubeadm put the earlier manifests of ${components.join(', ')} back, and these components run again`
        : `kubeadm put the earlier manifests of ${components.join(', ')} back, but ${problems.join('; ')}`;
  return withContext(error, `couldn't upgrade the control plane: ${messageOf(error)}\n${outcome}`, {
    code: 'control-plane-unhealthy',
    details: { putBack: components, problems, backupDir, milliseconds },
  });
}

function lostProblem(component: string): string {
  return `${component} cannot be put back, because the back-up of its manifest is missing`;
}

/** Returns why the component does not run again; undefined if it does. */
async function putOneBack(
  host: SwapHost,
  swapped: Swapped,
  options: SwapOptions,
): Promise<string | undefined> {
  const { before, component, earlier } = swapped;
  try {
    if (earlier === undefined) {
      await host.files.remove(manifestPath(component));
      return undefined;
    }
    await putStaticPod(host.files, { component, text: earlier });
    const { signal } = new AbortController();
    if (before !== '') await waitForPod(host, swapped, { ...options, runs: 'earlier', signal });
    return undefined;
  } catch (error) {
    return `${component} does not run again: ${messageOf(error)}`;
  }
}
