/** What the container runtime knows of the control plane's containers, from one look to the next. */
import type { ContainerStatus, CriClient, PodSandbox } from '../clients/cri/cri-client.ts';
import type { Host } from '../host/ports.ts';
import { containerLog } from './container-log.ts';
import type { ComponentFacts, EndedRun } from './facts.ts';

export type LookAtContainers = () => Promise<readonly ComponentFacts[]>;

interface Seen {
  readonly component: string;
  readonly sandbox: string;
  readonly run: EndedRun;
}

/**
 * What was there at the first look is old and proves nothing: left by a run before, or of a wait that began
 * earlier. The kubelet keeps only the last ended container of each kind, so each look remembers.
 *
 * @param components names of containers, in the order in which they depend on each other
 */
export function containerGatherer(
  host: Pick<Host, 'files'>,
  cri: Pick<CriClient, 'containers' | 'podSandboxes'>,
  components: readonly string[],
): LookAtContainers {
  let old: { readonly sandboxes: ReadonlySet<string>; readonly ended: ReadonlySet<string> } | undefined;
  const seen = new Map<string, Seen>();
  return async () => {
    const [containers, all] = await Promise.all([cri.containers(), cri.podSandboxes()]);
    const ended = containers.filter(({ state }) => state === 'exited');
    if (old === undefined) {
      old = { sandboxes: new Set(all.map(({ id }) => id)), ended: new Set(ended.map(({ id }) => id)) };
    }
    const before = old;
    const fresh = ended.filter(({ id, name }) => !before.ended.has(id) && components.includes(name));
    for (const container of fresh.filter(({ id }) => !seen.has(id))) {
      const run = await endedRun(host, container);
      seen.set(container.id, { component: container.name, sandbox: container.podSandboxId, run });
    }
    return components.map((name) => {
      const sandbox = currentSandbox(name, all, before.sandboxes);
      if (sandbox === undefined) return { name, state: 'no-sandbox', exits: 0, runs: [] };
      const own = containers.filter((one) => one.name === name && one.podSandboxId === sandbox.id);
      const newest = own.toSorted((a, b) => a.attempt - b.attempt).at(-1);
      const runs = [...seen.values()]
        .filter((one) => one.component === name && one.sandbox === sandbox.id)
        .map(({ run }) => run)
        .sort((a, b) => a.attempt - b.attempt);
      const last = runs.at(-1);
      // Of a new sandbox all runs belong to this wait, also those that were gone before they could be seen.
      const counted = before.sandboxes.has(sandbox.id)
        ? runs.length
        : last === undefined
          ? 0
          : last.attempt + 1;
      return { name, state: newest?.state ?? 'no-container', exits: counted, runs };
    });
  };
}

/** The static Pod's sandbox `<component>-<node>`: a ready one, rather one that is new. */
function currentSandbox(
  component: string,
  all: readonly PodSandbox[],
  old: ReadonlySet<string>,
): PodSandbox | undefined {
  const own = all.filter(({ name, namespace, state }) => {
    return namespace === 'kube-system' && name.startsWith(`${component}-`) && state === 'ready';
  });
  return own.find(({ id }) => !old.has(id)) ?? own.at(-1);
}

async function endedRun(host: Pick<Host, 'files'>, container: ContainerStatus): Promise<EndedRun> {
  const { attempt, exitCode = 0, finishedAt, logPath, message = '', reason = '', startedAt } = container;
  return {
    attempt,
    exitCode,
    reason,
    message,
    ranMs: startedAt === 0 ? 0 : Math.max(0, finishedAt - startedAt),
    log: await containerLog(host.files, logPath),
  };
}
