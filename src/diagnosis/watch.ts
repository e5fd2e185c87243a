/** Watches the kubelet and the containers during a wait, and ends with a cause that time does not heal. */
import { isUnobtainable } from '../clients/cri/pull-failure.ts';
import { KubeadmError } from '../errors.ts';
import type { Host } from '../host.ts';
import type { Cause } from './cause.ts';
import type { Facts } from './facts.ts';
import { containerGatherer, type GatherOptions } from './gather-containers.ts';
import { kubeletGatherer } from './gather-kubelet.ts';
import { rules } from './rules/index.ts';

export interface WatchOptions extends GatherOptions {
  readonly criSocket: string;
  readonly signal: AbortSignal;
}

export interface Diagnosis extends Cause {
  readonly rule: string;
  /** Milliseconds since the watch began. */
  readonly elapsedMs: number;
}

type WatchHost = Pick<Host, 'files' | 'exec' | 'cri' | 'clock'>;

/**
 * The time of the first look. By then, a healthy control plane has its containers. A look while they are being made
 * slows them by a tenth on two processors.
 */
const firstLookMs = 3_000;
const intervalMs = 1_000;
/** The time between two pulls of the same image. The kubelet does not pull more often either. */
const pullIntervalMs = 10_000;

/** The causes that the rules find, in their order. */
function diagnose(facts: Facts): readonly Diagnosis[] {
  return rules.flatMap((rule) => {
    const cause = rule.find(facts);
    return cause === undefined ? [] : [{ ...cause, rule: rule.name, elapsedMs: facts.elapsedMs }];
  });
}

/**
 * Looks every second until a rule finds a cause. Returns undefined when the signal is aborted. A part of the machine
 * that cannot be read gives no facts.
 */
export async function watchForCause(host: WatchHost, options: WatchOptions): Promise<Diagnosis | undefined> {
  const { clock } = host;
  const { criSocket, signal } = options;
  const start = clock.monotonic();
  const cri = host.cri(criSocket);
  const containers = containerGatherer(host, cri, options);
  const kubelet = kubeletGatherer(host, signal);
  const look = async (): Promise<Facts> => {
    const elapsedMs = clock.monotonic() - start;
    const found = await containers.look().catch(() => undefined);
    // The journal is read only if a container is missing, so a healthy start does not pay for it. A worker has no
    // containers by which its start could be seen.
    kubelet.forget(found?.readyPods ?? []);
    const complete =
      found !== undefined &&
      found.components.length > 0 &&
      found.components.every(({ state }) => state !== 'no-sandbox' && state !== 'no-container');
    const nothing = { pulls: [], sandboxes: [] };
    const said = complete ? nothing : await kubelet.look(elapsedMs).catch(() => nothing);
    const images = [...new Set(said.pulls.map(({ image }) => image))];
    const present = await Promise.all(images.map((image) => cri.hasImage(image).catch(() => true)));
    return {
      ...said,
      criSocket,
      elapsedMs,
      ...(found === undefined ? {} : { components: found.components }),
      absentImages: images.filter((_, index) => present[index] === false),
    };
  };
  const pulledAt = new Map<string, number>();
  const isProved = async ({ unlessPulled }: Cause): Promise<boolean> => {
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
  try {
    await Promise.all([containers.begin(), kubelet.begin()]).catch(() => undefined);
    await clock.sleep(firstLookMs, signal);
    while (!signal.aborted) {
      for (const cause of diagnose(await look())) if (await isProved(cause)) return cause;
      await clock.sleep(intervalMs, signal);
    }
    return undefined;
  } finally {
    cri.close();
  }
}

/** The first line is `<what failed>: <cause>`. The evidence follows in further lines, and the hint names the remedy. */
export function causeError(what: string, diagnosis: Diagnosis): KubeadmError {
  const { advice, code, component, elapsedMs, evidence, exitCode, rule, summary } = diagnosis;
  const message = [`${what}: ${summary}`, ...evidence.map((line) => `    ${line}`)].join('\n');
  return new KubeadmError(code, message, {
    hint: advice,
    details: {
      rule,
      component,
      ...(exitCode === undefined ? {} : { exitCode }),
      log: evidence,
      milliseconds: Math.round(elapsedMs),
    },
  });
}
