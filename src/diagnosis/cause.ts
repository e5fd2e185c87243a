/** A cause that a rule finds and that time does not heal. */
import type { ErrorCode } from '../errors.ts';
import type { EndedRun, Facts } from './facts.ts';

export interface Cause {
  readonly code: ErrorCode;
  /** A component such as `kube-apiserver` or `kubelet`, or `static Pods` for all of them. */
  readonly component: string;
  /** The cause in one line. */
  readonly summary: string;
  readonly exitCode?: number;
  /** The lines of the log that prove it, without secrets. */
  readonly evidence: readonly string[];
  /** The remedy, as a sentence. */
  readonly advice: string;
  /** The cause is proved only if this image is missing and cannot be pulled. */
  readonly unlessPulled?: string;
}

/** A pure function over the facts. `title`, `proof` and `remedy` are its row in the reference. */
export interface Rule {
  /** The stable name in kebab case, which `details.rule` of the error has. */
  readonly name: string;
  readonly title: string;
  /** The facts that prove the cause. */
  readonly proof: string;
  /** The remedy in general. `Cause.advice` has the remedy for the single case. */
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

/** The line at the index, after the lines that led to it. */
function upTo(log: readonly string[], index: number): readonly string[] {
  return tail(log.slice(0, index + 1)).slice(-3);
}

interface Found {
  readonly component: string;
  readonly run: EndedRun;
  readonly match: RegExpExecArray;
  readonly evidence: readonly string[];
}

/** A component that ended twice since the wait began, and whose last run has a matching line. */
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
  /** Patterns of lines in which a component refuses an argument. */
  readonly patterns: readonly RegExp[];
  /** The problem, to be put after the component's name: `does not know the flag --x`. */
  readonly what: (match: RegExpExecArray) => string;
}

/** A rule for a component that ends at once and names the wrong argument. */
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

/** The advice to correct the arguments of a component. */
function correctArguments(component: string): string {
  const field = {
    etcd: 'etcd.local.extraArgs',
    'kube-apiserver': 'apiServer.extraArgs',
    'kube-controller-manager': 'controllerManager.extraArgs',
    'kube-scheduler': 'scheduler.extraArgs',
  }[component];
  const where = field === undefined ? 'its arguments' : `${field} of ClusterConfiguration`;
  return (
    `Correct ${where}, or the patch that sets it (kubeadm wrote /etc/kubernetes/manifests/${component}.yaml), ` +
    sameAgain
  );
}

/** The next try writes manifests and kubelet files again, and keeps the certificates and kubeconfigs. */
export const sameAgain = 'then run the same command again.';
