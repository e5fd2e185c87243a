/** Turns a failure into an error whose first line names the component and the cause. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { containerEvidence, describeEvidence } from './container-reports.ts';
import { diagnoseFailure } from './diagnose.ts';
import { writeEvidence } from './evidence-file.ts';
import type { Facts } from './facts.ts';
import type { NamedFinding } from './finding.ts';
import type { Observer } from './observer.ts';
import { type Wording, wordRemedy } from './remedy.ts';
import type { Diagnosis } from './watch.ts';

/** Errors for which this machine may be the reason. */
const codes: readonly string[] = ['timeout', 'net', 'control-plane-unhealthy', 'cri', 'etcd', 'exec'];

/** Details of errors that name their cause already. `unreachable` has the URLs at which something takes no connection. */
const explained: readonly string[] = ['rule', 'containers', 'unreachable'];

export interface Explanation {
  readonly criSocket: string;
  readonly components: readonly string[];
  readonly wording: Wording;
  readonly emit: Emit;
}

type ExplainHost = Pick<Host, 'files' | 'exec' | 'cri'>;

/**
 * Builds the error of a wait that a cause ended. The first line is `<what failed>: <cause>`, or the cause alone. The
 * evidence follows in further lines, and the hint names the remedy and the file with the whole evidence.
 *
 * @param what the step that failed; empty if the error names it already
 */
export async function causeError(
  host: ExplainHost,
  { diagnosis, what }: { readonly diagnosis: Diagnosis; readonly what: string },
  { wording }: Pick<Explanation, 'wording'>,
): Promise<KubeadmError> {
  const { elapsedMs, facts } = diagnosis;
  return await errorOf(host, {
    first: firstLineOf(diagnosis, what),
    finding: diagnosis,
    facts,
    wording,
    details: { milliseconds: Math.round(elapsedMs) },
  });
}

/** The message of that error. */
export function causeMessage(diagnosis: Diagnosis, what: string): string {
  return messageWith(firstLineOf(diagnosis, what), diagnosis.evidence);
}

function firstLineOf({ summary }: Diagnosis, what: string): string {
  return what === '' ? summary : `${what}: ${summary}`;
}

function messageWith(first: string, lines: readonly string[]): string {
  return [first, ...lines.map((line) => `    ${line}`)].join('\n');
}

/**
 * Looks once more at the machine and adds what it finds to the error of a phase. If no rule finds a cause, the reports of
 * the container runtime become warnings. An error of another kind, or one that is explained already, is returned unchanged.
 */
export async function explainFailure(
  error: unknown,
  host: ExplainHost,
  { observer, ...explanation }: Explanation & { readonly observer: Observer },
): Promise<unknown> {
  if (!(error instanceof KubeadmError) || !codes.includes(error.code)) return error;
  if (explained.some((detail) => detail in error.details)) return error;
  const facts = await observer.look('node').catch(() => undefined);
  const findings = facts === undefined ? [] : diagnoseFailure(facts);
  const finding = findings.find(({ certainty }) => certainty === 'certain') ?? findings[0];
  if (facts === undefined || finding === undefined)
    return await withReports(error, host, { facts, ...explanation });
  const isCertain = finding.certainty === 'certain' && finding.unlessPulled === undefined;
  const others = findings.filter((other) => other !== finding);
  const parts = {
    finding,
    others,
    facts,
    wording: explanation.wording,
    details: error.details,
    cause: error,
  };
  if (isCertain) return await errorOf(host, { ...parts, first: finding.summary, failed: firstLine(error) });
  const known = await errorOf(host, {
    ...parts,
    first: `${firstLine(error)}; the likely cause is that ${finding.summary}`,
  });
  const reported = await withReports(error, host, { facts, isExplained: true, ...explanation });
  return new KubeadmError(error.code, known.message, {
    cause: error,
    hint: [known.hint, reported.hint].filter((hint) => hint !== undefined).join('\n'),
    details: { ...reported.details, ...known.details },
  });
}

interface ErrorParts {
  readonly first: string;
  readonly finding: NamedFinding;
  readonly others?: readonly NamedFinding[];
  readonly facts: Facts;
  readonly wording: Wording;
  /** The failure that the finding explains. */
  readonly failed?: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

async function errorOf(
  host: ExplainHost,
  { cause, details, facts, failed, finding, first, others = [], wording }: ErrorParts,
): Promise<KubeadmError> {
  const { code, component, evidence, exitCode, remedy, rule } = finding;
  const lines = [
    ...evidence,
    ...others.map(({ summary }) => `In addition, ${summary}`),
    ...(failed === undefined ? [] : [failed]),
  ];
  const message = messageWith(first, lines);
  const findings = [finding, ...others];
  const path = await writeEvidence(host, { error: message, findings, facts });
  const { text } = wordRemedy(remedy, wording);
  return new KubeadmError(code, message, {
    ...(cause === undefined ? {} : { cause }),
    hint: path === undefined ? text : `${text}\nThe whole evidence is in ${path}.`,
    details: {
      ...details,
      rule,
      component,
      remedy,
      ...(exitCode === undefined ? {} : { exitCode }),
      log: evidence,
      ...(path === undefined ? {} : { evidenceFile: path }),
    },
  });
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0] ?? '';
}

interface Reports extends Omit<Explanation, 'wording'> {
  readonly facts: Facts | undefined;
  /** Whether the cause is known and the evidence is written. */
  readonly isExplained?: boolean;
}

/** Emits a warning for each container that failed or restarted, and adds `details.containers` and a hint. */
async function withReports(
  error: KubeadmError,
  host: ExplainHost,
  { components, criSocket, emit, facts, isExplained = false }: Reports,
): Promise<KubeadmError> {
  const evidence = await containerEvidence(host, { criSocket, components });
  const warn = (code: 'container-evidence' | 'container-runtime-silent', message: string): void =>
    emit({ type: 'warning', code, message });
  const texts = (evidence ?? []).map(describeEvidence).filter((text) => text !== undefined);
  for (const text of texts) warn('container-evidence', text);
  if (evidence === undefined) {
    const text = `the container runtime at ${criSocket} does not answer, so nothing is known of the containers`;
    warn('container-runtime-silent', text);
  }
  const path =
    facts === undefined || isExplained
      ? undefined
      : await writeEvidence(host, { error: error.message, findings: [], facts });
  const isUnhealthy = error.code === 'control-plane-unhealthy';
  const hints = [
    ...(error.hint === undefined ? [] : [error.hint]),
    ...(isUnhealthy || evidence === undefined || texts.length > 0 ? [help(criSocket)] : []),
    ...(path === undefined ? [] : [`The cause is not known. The whole evidence is in ${path}.`]),
  ];
  return new KubeadmError(error.code, error.message, {
    cause: error.cause,
    ...(hints.length === 0 ? {} : { hint: hints.join('\n') }),
    ...(error.place === undefined ? {} : { place: error.place }),
    details: {
      ...error.details,
      criSocket,
      containers: evidence ?? [],
      ...(path === undefined ? {} : { evidenceFile: path }),
    },
  });
}

function help(criSocket: string): string {
  return [
    'Look at the kubelet and at the containers that it started:',
    '  systemctl status kubelet',
    '  journalctl -xeu kubelet',
    `  crictl --runtime-endpoint ${criSocket} ps -a | grep kube | grep -v pause`,
    `  crictl --runtime-endpoint ${criSocket} logs CONTAINERID`,
  ].join('\n');
}
