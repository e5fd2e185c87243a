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
  /** Proved only when this image is not there now, and cannot be pulled either. */
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

/** The last lines, without the usage text that a program prints before or after it names a wrong flag. */
function tail(log: readonly string[]): readonly string[] {
  const usage = log.findIndex((line) => /^usage:$/i.test(line.trim()));
  if (usage < 0) return log.slice(-shownLines);
  return log.filter((line, index) => index < usage || !/^\s|:$/.test(line)).slice(-shownLines);
}

/** The line that tells, after those that led to it. */
function upTo(log: readonly string[], index: number): readonly string[] {
  return tail(log.slice(0, index + 1)).slice(-3);
}

interface Found {
  readonly component: string;
  readonly run: EndedRun;
  readonly match: RegExpExecArray;
  readonly evidence: readonly string[];
}

/** A component that ended twice since the wait began, its last run with a line that `pattern` finds. */
function repeatedLine(facts: Facts, patterns: readonly RegExp[]): Found | undefined {
  for (const { exits, name, runs } of facts.components ?? []) {
    const run = runs.at(-1);
    if (exits < 2 || run === undefined || run.exitCode === 0) continue;
    for (const [index, line] of run.log.entries()) {
      const match = patterns.map((pattern) => pattern.exec(line)).find((found) => found !== null);
      if (match !== undefined) return { component: name, run, match, evidence: upTo(run.log, index) };
    }
  }
  return undefined;
}

interface ArgumentRule extends Omit<Rule, 'find'> {
  /** Lines by which a component says that it refuses an argument. */
  readonly patterns: readonly RegExp[];
  /** What is wrong, after the component's name: `does not know the flag --x`. */
  readonly what: (match: RegExpExecArray) => string;
}

/** A rule for a component that names the argument for which it ends at once. */
export function argumentRule({ patterns, what, ...rule }: ArgumentRule): Rule {
  return {
    ...rule,
    find: (facts) => {
      const found = repeatedLine(facts, patterns);
      if (found === undefined) return undefined;
      const { component, evidence, match, run } = found;
      return {
        code: 'container-failed',
        component,
        exitCode: run.exitCode,
        summary: `${component} ${what(match)} and ends at once (exit code ${run.exitCode})`,
        evidence,
        advice: correctArguments(component),
      };
    },
  };
}

/** Where the arguments of a component come from, and how to go on. */
function correctArguments(component: string): string {
  const field = {
    etcd: 'etcd.local.extraArgs',
    'kube-apiserver': 'apiServer.extraArgs',
    'kube-controller-manager': 'controllerManager.extraArgs',
    'kube-scheduler': 'scheduler.extraArgs',
  }[component];
  const where = field === undefined ? 'its arguments' : `${field} of ClusterConfiguration`;
  return (
    `Correct ${where}, or the patch that sets it (what was written: /etc/kubernetes/manifests/${component}.yaml), ` +
    sameAgain
  );
}

/** The next try writes manifests and kubelet files anew, and keeps the certificates and kubeconfigs of this one. */
export const sameAgain = 'then run the same command again.';
