/** Evidence for tests: a node on which nothing has started yet, and the parts that differ. */
import type { ComponentFacts, EndedRun, Facts, MachineFacts } from './facts.ts';

export const componentNames = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

export function facts(changes: Partial<Facts> = {}): Facts {
  return {
    criSocket: 'unix:///var/run/containerd/containerd.sock',
    elapsedMs: 12_000,
    components: componentNames.map((name) => ({ name, state: 'no-sandbox', exits: 0, runs: [] })),
    pulls: [],
    sandboxes: [],
    absentImages: [],
    ...changes,
  };
}

/** A healthy machine, and the parts that differ. */
export function machine(changes: Partial<MachineFacts> = {}): MachineFacts {
  return {
    now: Date.parse('2026-01-02T03:04:05Z'),
    fileSystems: [],
    certificates: [],
    missingManifests: [],
    memoryKills: [],
    health: [],
    ...changes,
  };
}

/** Every component runs. */
export const running: readonly ComponentFacts[] = componentNames.map((name) => ({
  name,
  state: 'running',
  exits: 0,
  runs: [],
}));

/** All components run except one, whose given runs have ended. */
export function withRuns(component: string, runs: readonly Partial<EndedRun>[], exits = runs.length): Facts {
  const ended = runs.map((run, attempt) => ({
    attempt,
    exitCode: 1,
    reason: 'Error',
    message: '',
    ranMs: 84,
    log: [],
    ...run,
  }));
  const components = componentNames.map(
    (name): ComponentFacts =>
      name === component
        ? { name, state: 'exited', exits, runs: ended }
        : { name, state: 'running', exits: 0, runs: [] },
  );
  return facts({ components });
}
