/** A cause that a rule finds, as data. */
import type { ErrorCode } from '../errors.ts';
import type { Facts } from './facts.ts';
import type { Remedy } from './remedy.ts';

export interface Finding {
  readonly code: ErrorCode;
  /** A component such as `kube-apiserver` or `kubelet`, or `static Pods` for all of them. */
  readonly component: string;
  /** The component and the cause in one line. */
  readonly summary: string;
  /**
   * `certain` means that time does not heal it, so that a wait ends at once. `likely` explains a wait that failed for some
   * other reason, or a problem of a running cluster.
   */
  readonly certainty: 'certain' | 'likely';
  readonly exitCode?: number;
  /** The lines of logs that prove it, without secrets, shortest first. */
  readonly evidence: readonly string[];
  readonly remedy: Remedy;
  /** When it began, in milliseconds since 1970, if that is known. */
  readonly since?: number;
  /** The cause is proved only if this image is missing and cannot be pulled. A look that changes nothing calls it likely. */
  readonly unlessPulled?: string;
}

/** A pure function over the facts. `title`, `proof` and `cure` are its row in the documentation. */
export interface Rule {
  /** The stable name in kebab case, which `details.rule` of the error has. */
  readonly name: string;
  readonly title: string;
  /** A symptom is left out if another rule finds a cause. Defaults to false. */
  readonly isSymptom?: boolean;
  /** False if symptoms are shown beside its findings, because it need not be their cause. Defaults to true. */
  readonly explainsSymptoms?: boolean;
  /** False if a failed command always has another cause. Then only `doctor` shows its findings. Defaults to true. */
  readonly explainsFailure?: boolean;
  /** Only `doctor` gathers the facts of the rule. Defaults to false. */
  readonly onlyDoctor?: boolean;
  /** The facts that prove the cause. */
  readonly proof: string;
  /** The remedy in general. `Finding.remedy` has it for the single case. */
  readonly cure: string;
  readonly find: (facts: Facts) => readonly Finding[];
}

/** A finding with the name of the rule that found it. */
export interface NamedFinding extends Finding {
  readonly rule: string;
}
