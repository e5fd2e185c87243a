/** What a rule finds: a cause that time does not heal. */
import type { ErrorCode } from '../errors.ts';
import type { EndedRun, Facts } from './facts.ts';

export interface Cause {
  readonly code: ErrorCode;
  /** `kube-apiserver`, `kubelet` …; `static Pods` where all are concerned. */
  readonly component: string;
  /** One line. */
  readonly summary: string;
  readonly exitCode?: number;
  /** The lines that prove it, without secrets. */
  readonly evidence: readonly string[];
  /** What to do. */
  readonly advice: string;
  /** Proved only when this image cannot be pulled now either. */
  readonly unlessPulled?: string;
}

/** A pure function over the evidence; `title`, `proof` and `remedy` are its row in the reference. */
export interface Rule {
  /** Stable, kebab case: `details.rule` of the error. */
  readonly name: string;
  readonly title: string;
  /** What must have been seen. */
  readonly proof: string;
  /** In a sentence; `Cause.advice` says it for the case at hand. */
  readonly remedy: string;
  readonly find: (facts: Facts) => Cause | undefined;
}

const shownLines = 8;

/** The last lines, without the usage text that a program prints after a wrong flag. */
export function tail(log: readonly string[]): readonly string[] {
  const usage = log.findIndex((line) => /^usage:$/i.test(line.trim()));
  return (usage > 0 ? log.slice(0, usage) : log).slice(-shownLines);
}

/** A component that ended twice since the wait began, its last run with a line that `pattern` finds. */
export function repeatedLine(
  facts: Facts,
  patterns: readonly RegExp[],
): { readonly component: string; readonly run: EndedRun; readonly match: RegExpExecArray } | undefined {
  for (const { exits, name, runs } of facts.components) {
    const run = runs.at(-1);
    if (exits < 2 || run === undefined || run.exitCode === 0) continue;
    for (const line of run.log) {
      const match = patterns.map((pattern) => pattern.exec(line)).find((found) => found !== null);
      if (match !== undefined) return { component: name, run, match };
    }
  }
  return undefined;
}

/** Where the arguments of a component come from, and how to go on. */
export function correctArguments(component: string): string {
  const field = {
    etcd: 'etcd.local.extraArgs',
    'kube-apiserver': 'apiServer.extraArgs',
    'kube-controller-manager': 'controllerManager.extraArgs',
    'kube-scheduler': 'scheduler.extraArgs',
  }[component];
  const where = field === undefined ? 'its arguments' : `${field} of ClusterConfiguration`;
  return (
    `Correct ${where}, or the patch that sets it (what was written: /etc/kubernetes/manifests/${component}.yaml), ` +
    startAgain
  );
}

export const startAgain = 'then run `kubeadm reset` and `kubeadm init` again.';
