/** Leaves out what a single look reads about the last minutes and what has healed since. */
import type { ReadHost } from '../host.ts';
import type { ComponentFacts, PodFailure, PullFailure } from './facts.ts';
import { isJustCorrected } from './gather/manifests.ts';

/** A component that runs for so long has recovered from its earlier ends. */
const recoveredMs = 60_000;
/** It has recovered sooner if its last run was short, and this one is several times as long. */
const leastRecoveredMs = 15_000;
const timesLastRun = 3;

/** Components without the ends from which they have recovered. */
export function recovered(
  components: readonly ComponentFacts[] | undefined,
): readonly ComponentFacts[] | undefined {
  return components?.map((one) => (hasRecovered(one) ? { ...one, exits: 0, runs: [] } : one));
}

/** Without those of manifests that a user has just corrected. */
export async function stillFailing(
  host: Pick<ReadHost, 'files' | 'clock'>,
  failures: readonly PodFailure[],
): Promise<readonly PodFailure[]> {
  const corrected = await Promise.all(
    failures.map(async ({ pod }) => pod.startsWith('/') && (await isJustCorrected(host, pod))),
  );
  return failures.filter((_, index) => corrected[index] === false);
}

function hasRecovered({ runs, runsForMs = 0 }: ComponentFacts): boolean {
  const lastMs = runs.at(-1)?.ranMs ?? 0;
  return runsForMs >= Math.min(recoveredMs, Math.max(leastRecoveredMs, timesLastRun * lastMs));
}

/** A single look reads failures of the last minutes, so the Pod that waited for an image may be gone. */
export function stillWanted(
  pulls: readonly PullFailure[],
  readyUids: readonly string[],
): readonly PullFailure[] {
  return pulls.filter(({ pods = [] }) => pods.some((uid) => readyUids.includes(uid)));
}
