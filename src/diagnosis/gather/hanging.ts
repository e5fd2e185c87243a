/** Asks whether the runtime, the kubelet and the programs that make containers hang. */
import type { ReadHost } from '../../host.ts';
import type { Facts, HealthFacts, KubeletFacts } from '../facts.ts';
import { activityOf, hungRuntimeMs } from '../process-facts.ts';
import type { ContainerLook } from './containers.ts';
import { type ProcessGatherer, startingProcesses, withDescendants } from './processes.ts';
import { runtimeService } from './runtime.ts';
import { unitProperties } from './systemd.ts';

/** A runtime answers sooner, also on a slow machine. */
const graceMs = 3_000;
const intervalMs = 2_000;

interface Asked<T> {
  readonly criSocket: string;
  readonly processes: ProcessGatherer;
  readonly work: Promise<T>;
}

/** Returns the result of a call of the container runtime. @throws early if the process of the runtime hangs meanwhile */
export async function unlessHung<T>(
  host: Pick<ReadHost, 'exec' | 'clock'>,
  { criSocket, processes, work }: Asked<T>,
): Promise<T> {
  const done = new AbortController();
  const watch = async (): Promise<T> => {
    await host.clock.sleep(graceMs, done.signal);
    const pid = done.signal.aborted ? undefined : await runtimePid(host, criSocket);
    while (pid !== undefined && !done.signal.aborted) {
      const process = await processes.look([pid]);
      if (process !== undefined && (process.isStopped || process.idleMs >= hungRuntimeMs)) {
        throw new Error(`no answer, and process ${pid} (${process.program}) ${activityOf(process)}`);
      }
      await host.clock.sleep(intervalMs, done.signal);
    }
    return await work;
  };
  try {
    return await Promise.race([work, watch()]);
  } finally {
    done.abort();
    work.catch(() => undefined);
  }
}

async function runtimePid(host: Pick<ReadHost, 'exec'>, criSocket: string): Promise<number | undefined> {
  const service = runtimeService(criSocket);
  if (service === undefined) return undefined;
  const value = await unitProperties(host, service, ['MainPID']).catch(() => undefined);
  return Number(value?.('MainPID') ?? 0) || undefined;
}

/** Adds the process of a kubelet that runs and does not answer. */
export async function withProcess(
  host: Pick<ReadHost, 'files'>,
  { health, kubelet }: { readonly kubelet?: KubeletFacts; readonly health: readonly HealthFacts[] },
  processes: ProcessGatherer,
): Promise<Pick<Facts, 'kubelet'>> {
  if (kubelet === undefined) return {};
  const isSilent = health.some(({ answers, component }) => component === 'kubelet' && !answers);
  const pid = kubelet.unit?.pid;
  if (!isSilent || kubelet.state !== 'active' || pid === undefined) return { kubelet };
  const process = await processes.look(await withDescendants(host, pid));
  return { kubelet: process === undefined ? kubelet : { ...kubelet, process } };
}

/** The programs that make containers, as long as there is no Pod at all and the runtime reports no failure. */
export async function gatherStarting(
  host: Pick<ReadHost, 'files'>,
  look: ContainerLook | undefined,
  { processes, withinMs }: { readonly processes: ProcessGatherer; readonly withinMs: number },
): Promise<Pick<Facts, 'starting'>> {
  if (look === undefined || look.components.length === 0 || look.readyPods.length > 0) return {};
  if (look.components.some(({ state }) => state !== 'no-sandbox')) return {};
  const pids = await startingProcesses(host, withinMs);
  const starting = pids.length === 0 ? undefined : await processes.look(pids);
  return starting === undefined ? {} : { starting };
}
