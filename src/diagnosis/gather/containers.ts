/** Facts about the control plane's containers from the container runtime, from one look to the next. */
import type { ContainerStatus, CriClient, PodSandbox } from '../../clients/cri/cri-client.ts';
import type { Host } from '../../host.ts';
import { currentSandbox } from '../../kubelet/current-sandbox.ts';
import { redact } from '../../lib/redact.ts';
import type { ComponentFacts, EndedRun } from '../facts.ts';
import { containerLog } from '../logs/container-log.ts';

export interface ContainerGatherer {
  /** Reads the logs that earlier Pods have left, before the kubelet continues their numbers. */
  readonly begin: () => Promise<void>;
  readonly look: () => Promise<ContainerLook>;
  /** The first and last lines of the container of a component that ran at the last look. Empty without one. */
  readonly logOfRunning: (component: string) => Promise<readonly string[]>;
}

export interface ContainerLook {
  readonly components: readonly ComponentFacts[];
  /** All Pods with a ready sandbox, such as `kube-system/etcd-node1`. */
  readonly readyPods: readonly string[];
  /** The UIDs of these Pods. */
  readonly readyUids: readonly string[];
}

/** The default of the kubelet's podLogsDir. */
const podLogsDir = '/var/log/pods';

interface Seen {
  readonly component: string;
  readonly sandbox: string;
  readonly run: EndedRun;
}

export interface GatherOptions {
  /** The names of containers, in the order of their dependencies. */
  readonly components: readonly string[];
  /** Containers that ended before this time are from an earlier run and prove nothing. */
  readonly since: Date;
  /** UIDs of Pods that the kubelet is about to end, because their manifests were replaced. They prove nothing. */
  readonly endingPods?: ReadonlySet<string>;
}

/**
 * The kubelet keeps only the last ended container of each kind, so each look remembers what it saw. The kubelet continues
 * the number of attempts from the logs of a Pod with the same name and manifest, even of an earlier cluster. Source: calcRestartCountByLogDir in
 * pkg/kubelet/kuberuntime/kuberuntime_container.go.
 */
export function containerGatherer(
  host: Pick<Host, 'files' | 'clock'>,
  cri: Pick<CriClient, 'containers' | 'podSandboxes'>,
  { components, endingPods, since }: GatherOptions,
): ContainerGatherer {
  const seen = new Map<string, Seen>();
  const logsBefore = new Map<string, number>();
  /** Paths of the logs of the containers that run, by component. */
  const logs = new Map<string, string>();
  const begin = async (): Promise<void> => {
    for (const pod of (await host.files.list(podLogsDir)) ?? []) {
      const component = components.find((name) => pod.startsWith(`kube-system_${name}-`));
      if (component === undefined) continue;
      const logs = (await host.files.list(`${podLogsDir}/${pod}/${component}`)) ?? [];
      logsBefore.set(pod, Math.max(0, ...logs.map((log) => Number.parseInt(log, 10) + 1 || 0)));
    }
  };
  const look = async (): Promise<ContainerLook> => {
    const [containers, sandboxes] = await Promise.all([cri.containers(), cri.podSandboxes()]);
    const all = sandboxes.filter(({ uid }) => endingPods?.has(uid) !== true);
    const fresh = containers.filter(
      ({ finishedAt, name, state }) =>
        state === 'exited' && finishedAt >= since.getTime() && components.includes(name),
    );
    for (const container of fresh.filter(({ id }) => !seen.has(id))) {
      const run = await endedRun(host, container);
      seen.set(container.id, { component: container.name, sandbox: container.podSandboxId, run });
    }
    const found = components.map((name): ComponentFacts => {
      const sandbox = currentSandbox(name, all);
      if (sandbox === undefined) return { name, state: 'no-sandbox', exits: 0, runs: [] };
      const own = containers.filter((one) => one.name === name && one.podSandboxId === sandbox.id);
      const newest = own.toSorted((a, b) => a.attempt - b.attempt).at(-1);
      const running = newest?.state === 'running' ? newest : undefined;
      if (running === undefined) logs.delete(name);
      else logs.set(name, running.logPath);
      const runs = [...seen.values()]
        .filter((one) => one.component === name && one.sandbox === sandbox.id)
        .map(({ run }) => run)
        .sort((a, b) => a.attempt - b.attempt);
      const last = runs.at(-1);
      // All runs of a new sandbox count, even those that ended before a look.
      const isNew = (sandbox.createdAt ?? 0) >= since.getTime();
      const first = logsBefore.get(`${sandbox.namespace}_${sandbox.name}_${sandbox.uid}`) ?? 0;
      const counted = isNew && last !== undefined ? last.attempt - first + 1 : 0;
      return {
        name,
        state: newest?.state ?? 'no-container',
        exits: Math.max(counted, runs.length),
        runs,
        ...agesOf(host.clock.now().getTime(), running, sandbox),
      };
    });
    const ready = all.filter(({ state }) => state === 'ready');
    return {
      components: found,
      readyPods: ready.map(({ name, namespace }) => `${namespace}/${name}`),
      readyUids: ready.map(({ uid }) => uid),
    };
  };
  const logOfRunning = async (component: string): Promise<readonly string[]> =>
    await containerLog(host.files, logs.get(component) ?? '');
  return { begin, look, logOfRunning };
}

/** Of the container if it runs, or else of its sandbox. */
function agesOf(
  now: number,
  running: ContainerStatus | undefined,
  { createdAt }: PodSandbox,
): Pick<ComponentFacts, 'runsForMs' | 'sandboxForMs'> {
  if (running !== undefined) return { runsForMs: now - running.startedAt };
  return createdAt === undefined ? {} : { sandboxForMs: now - createdAt };
}

async function endedRun(host: Pick<Host, 'files'>, container: ContainerStatus): Promise<EndedRun> {
  const { attempt, exitCode = 0, finishedAt, logPath, message = '', reason = '', startedAt } = container;
  return {
    attempt,
    exitCode,
    reason: redact(reason),
    message: redact(message),
    ranMs: startedAt === 0 ? 0 : Math.max(0, finishedAt - startedAt),
    endedAt: finishedAt,
    log: await containerLog(host.files, logPath),
  };
}
