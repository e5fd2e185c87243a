/** Watches the machine during a wait, and ends with a cause that time does not heal. */
import { isUnobtainable } from '../clients/cri/pull-failure.ts';
import type { Clock } from '../host.ts';
import { findCauses } from './diagnose.ts';
import type { Facts } from './facts.ts';
import type { NamedFinding } from './finding.ts';
import type { Observer } from './observer.ts';

export interface Diagnosis extends NamedFinding {
  /** Milliseconds since the watch began. */
  readonly elapsedMs: number;
  readonly facts: Facts;
}

/**
 * The time of the first look. By then, a healthy control plane has its containers. A look while they are being made
 * slows them by a tenth on two processors.
 */
const firstLookMs = 3_000;
const intervalMs = 1_000;
/** A busy machine takes long for a look, and then the looks must not keep it from its work. */
const pausePerLook = 4;
/** The longest pause, so that a cause is found in time on a busy machine, too. */
const longestPauseMs = 5_000;
/** The times of the looks that also gather the slow-moving facts. */
const firstMachineMs = 5_000;
const machineIntervalMs = 5_000;
/** The time between two pulls of the same image. The kubelet does not pull more often either. */
const pullIntervalMs = 10_000;

/**
 * Looks every second until a rule finds a certain cause, and less often if a look takes long. Returns undefined when the
 * signal is aborted.
 */
export async function watchForCause(
  observer: Observer,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Diagnosis | undefined> {
  const { cri } = observer;
  const start = clock.monotonic();
  const pulledAt = new Map<string, number>();
  const isProved = async ({ certainty, unlessPulled }: NamedFinding): Promise<boolean> => {
    if (certainty !== 'certain') return false;
    if (unlessPulled === undefined) return true;
    const before = pulledAt.get(unlessPulled) ?? Number.NEGATIVE_INFINITY;
    if (clock.monotonic() - before < pullIntervalMs) return false;
    if (await cri.hasImage(unlessPulled).catch(() => true)) return false;
    pulledAt.set(unlessPulled, clock.monotonic());
    return await cri.pullImage(unlessPulled, { signal }).then(
      () => false,
      (error) => !signal.aborted && isUnobtainable(error),
    );
  };
  await observer.begin().catch(() => undefined);
  await clock.sleep(firstLookMs, signal);
  let machineAt = start + firstMachineMs;
  while (!signal.aborted) {
    const isThorough = clock.monotonic() >= machineAt;
    if (isThorough) machineAt = clock.monotonic() + machineIntervalMs;
    const lookedFrom = clock.monotonic();
    const facts = await observer.look(isThorough ? 'machine' : 'containers');
    const tookMs = clock.monotonic() - lookedFrom;
    for (const finding of findCauses(facts)) {
      if (await isProved(finding)) return { ...finding, elapsedMs: facts.elapsedMs, facts };
    }
    // A look that only waits for a silent runtime or server does not load the machine, so it needs no long pause.
    const waitsForServer =
      (isThorough && facts.machine?.health.some(({ isSilent }) => isSilent) === true) ||
      Object.values(facts.connections ?? {}).includes('silent');
    const isSilent = facts.runtime?.error !== undefined || waitsForServer;
    const pauseMs = isSilent ? 0 : Math.min(longestPauseMs, pausePerLook * tookMs);
    await clock.sleep(Math.max(intervalMs, pauseMs), signal);
  }
  return undefined;
}
