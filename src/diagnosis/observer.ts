/** Looks at the machine, once or again and again, and lays the history of the looks over what it sees. */
import type { CriClient } from '../clients/cri/cri-client.ts';
import type { Host } from '../host.ts';
import { defined } from '../lib/defined.ts';
import type { ComponentFacts, Facts, MachineFacts, RuntimeFacts } from './facts.ts';
import { gatherFurther } from './further-facts.ts';
import { type ContainerGatherer, type ContainerLook, containerGatherer } from './gather/containers.ts';
import { gatherStarting, unlessHung, withProcess } from './gather/hanging.ts';
import { type KubeletLook, kubeletGatherer } from './gather/kubelet.ts';
import { machineGatherer, onceMs } from './gather/machine-history.ts';
import { processGatherer } from './gather/processes.ts';
import { gatherRuntime } from './gather/runtime.ts';
import { recovered, stillFailing, stillWanted } from './healed.ts';

export type ObserverHost = Pick<Host, 'files' | 'exec' | 'cri' | 'clock' | 'net' | 'kube' | 'system'>;

export interface ObserverOptions {
  readonly criSocket: string;
  /** The names of the containers, in the order of their dependencies. */
  readonly components: readonly string[];
  /** Containers that ended before this time are from an earlier run and prove nothing. */
  readonly since: Date;
  /** UIDs of Pods that the kubelet is about to end, because their manifests were replaced. Defaults to none. */
  readonly endingPods?: ReadonlySet<string>;
  /** Defaults to the directory that the manifest of the API server names. */
  readonly certificatesDir?: string;
  /** A single look has no history of its own, so what systemd, the journal and the runtime remember counts. */
  readonly once?: boolean;
  readonly signal: AbortSignal;
}

/** How much a look gathers. `machine` adds the slow-moving facts, and `node` asks the API server as well. */
export type Depth = 'containers' | 'machine' | 'node';

export interface Observer {
  readonly cri: CriClient;
  /** Reads what was there before the wait. It fails if nothing can be read. */
  readonly begin: () => Promise<void>;
  /** A part of the machine that cannot be read gives no facts. */
  readonly look: (depth: Depth) => Promise<Facts>;
  readonly close: () => void;
}

/** The kubelet can start a Pod so long before the wait begins. */
const beforeWaitMs = 30_000;

const nothing: KubeletLook = { pulls: [], sandboxes: [], podFailures: [], nodeFailures: [] };

export function createObserver(host: ObserverHost, options: ObserverOptions): Observer {
  const { clock } = host;
  const { certificatesDir, criSocket, once = false, signal, since } = options;
  const start = clock.monotonic();
  const cri = host.cri(criSocket);
  const containers = containerGatherer(host, cri, options);
  const kubelet = kubeletGatherer(host, { signal, once, since });
  const machines = machineGatherer(host, { once, signal, ...defined({ certificatesDir }) });
  const processes = processGatherer(host);
  /** The facts of the last look that gathered them. */
  let machine: MachineFacts | undefined;
  let silentSince: number | undefined;
  const lookAtContainers = async (): Promise<ContainerLook | { readonly error: unknown }> => {
    const askedAt = clock.monotonic();
    try {
      const found = await unlessHung(host, { criSocket, processes, work: containers.look() });
      silentSince = undefined;
      return found;
    } catch (error) {
      silentSince ??= askedAt;
      return { error };
    }
  };
  const lookAtRuntime = async (failure: { readonly error?: unknown }): Promise<RuntimeFacts> => {
    const silentMs = once ? onceMs : clock.monotonic() - (silentSince ?? clock.monotonic());
    return await gatherRuntime(host, cri, { criSocket, silentMs, processes, ...failure });
  };
  const look = async (depth: Depth): Promise<Facts> => {
    const elapsedMs = once ? onceMs : clock.monotonic() - start;
    const withinMs = once ? Number.POSITIVE_INFINITY : elapsedMs + beforeWaitMs;
    const found = await lookAtContainers();
    const seen = 'error' in found ? undefined : found;
    kubelet.forget(seen?.readyPods ?? []);
    const skipsKubelet = depth === 'containers' && hasAllContainers(seen);
    const said = skipsKubelet ? nothing : await kubelet.look(once ? 0 : elapsedMs).catch(() => nothing);
    const failure = 'error' in found ? { error: found.error } : {};
    const runtime = seen === undefined || depth !== 'containers' ? await lookAtRuntime(failure) : undefined;
    if (depth !== 'containers') machine = await machines.look(depth === 'node');
    const pulls = once ? stillWanted(said.pulls, seen?.readyUids ?? []) : said.pulls;
    const podFailures = once ? await stillFailing(host, said.podFailures) : said.podFailures;
    const absentImages = await imagesAbsent(cri, { pulls });
    const components = await withLogs(once ? recovered(seen?.components) : seen?.components, {
      containers,
      machine,
    });
    return {
      ...said,
      pulls,
      podFailures,
      ...(await withProcess(host, { ...said, health: machine?.health ?? [] }, processes)),
      ...(said.sandboxes.length > 0 ? {} : await gatherStarting(host, seen, { processes, withinMs })),
      criSocket,
      elapsedMs,
      ...defined({ components, machine, runtime }),
      ...(await gatherFurther(host, cri, { ...said, criSocket, depth, ...defined({ components, machine }) })),
      absentImages,
    };
  };
  return {
    cri,
    begin: async () => void (await Promise.all([containers.begin(), kubelet.begin()])),
    look,
    close: cri.close,
  };
}

/** The journal is read only if a container is missing, so a healthy start does not pay for it. */
function hasAllContainers(seen: ContainerLook | undefined): boolean {
  if (seen === undefined || seen.components.length === 0) return false;
  return seen.components.every(({ state }) => state !== 'no-sandbox' && state !== 'no-container');
}

/** Returns the images that the kubelet could not pull, and that the runtime does not have now. */
async function imagesAbsent(
  cri: Pick<CriClient, 'hasImage'>,
  { pulls }: Pick<KubeletLook, 'pulls'>,
): Promise<readonly string[]> {
  const images = [...new Set(pulls.map(({ image }) => image))];
  const present = await Promise.all(images.map((image) => cri.hasImage(image).catch(() => true)));
  return images.filter((_, index) => present[index] === false);
}

/** Adds the logs of components that run although they are not healthy. */
async function withLogs(
  components: readonly ComponentFacts[] | undefined,
  {
    containers,
    machine,
  }: { readonly containers: ContainerGatherer; readonly machine: MachineFacts | undefined },
): Promise<readonly ComponentFacts[] | undefined> {
  if (components === undefined || machine === undefined) return components;
  const unhealthy = machine.health.filter(({ isHealthy }) => !isHealthy).map(({ component }) => component);
  // A slow etcd is healthy, and the others are not.
  const telling = unhealthy.length === 0 ? [] : [...unhealthy, 'etcd'];
  const isUnhealthy = ({ name, state }: ComponentFacts): boolean =>
    state === 'running' && telling.includes(name);
  return await Promise.all(
    components.map(async (one) =>
      isUnhealthy(one) ? { ...one, runningLog: await containers.logOfRunning(one.name) } : one,
    ),
  );
}
