/** Runs a list of checks and judges it. Source of the behaviour: preflight/checks.go RunChecks. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import { untilAborted } from '../lib/abortable.ts';
import { manifestsDir } from '../names.ts';
import { type Check, type CheckHost, type CheckResult, fail, nameWithPath } from './check.ts';

export interface CheckFinding {
  readonly level: 'warning' | 'error';
  readonly check: string;
  readonly message: string;
}

export interface Judging {
  /** The names of checks in lower case, or `all`. Their errors count as warnings. */
  readonly ignore: readonly string[];
  readonly emit: Emit;
}

/**
 * Runs all checks side by side, because they change nothing, and judges them in the listed order. It ends at once when
 * it is aborted, because a check may wait for a server that does not answer.
 *
 * @throws KubeadmError `preflight-failed`, as {@link judge} does; the signal's reason
 */
export async function runChecks(
  checks: readonly Check[],
  host: CheckHost,
  { signal, ...judging }: Judging & { readonly signal: AbortSignal },
): Promise<void> {
  judge(await answersOf(checks, host, signal), judging);
}

/** Runs all checks side by side. It ends at once when it is aborted. @throws the signal's reason */
export async function answersOf(
  checks: readonly Check[],
  host: CheckHost,
  signal: AbortSignal,
): Promise<readonly NamedResult[]> {
  const answerOf = async ({ name, check }: Check): Promise<NamedResult> => ({
    name,
    result: await check(host).catch((error: unknown) => fail(messageOf(error))),
  });
  return await untilAborted(() => Promise.all(checks.map(answerOf)), signal);
}

export interface NamedResult {
  readonly name: string;
  readonly result: CheckResult;
}

/**
 * Reports each finding as an event, all warnings before all errors.
 *
 * @throws KubeadmError `preflight-failed` if an error remains; `details.findings` has all findings
 */
export function judge(results: readonly NamedResult[], { ignore: ignored, emit }: Judging): void {
  const findings = results.flatMap(({ name, result }) => findingsOf(name, result, ignored));
  const errors = findings.filter(({ level }) => level === 'error');
  const warnings = findings.filter(({ level }) => level === 'warning');
  for (const finding of [...warnings, ...errors]) emit({ type: 'preflight-finding', ...finding });
  if (errors.length === 0) return;
  const names = [...new Set(errors.map(({ check }) => check))].join(',');
  const ignoring = `you can make a check non-fatal with \`--ignore-preflight-errors=...\` (here: ${names})`;
  throw new KubeadmError('preflight-failed', 'preflight checks failed', {
    hint: hasControlPlane(errors)
      ? "This machine is a control plane already, and 'kubeadm reset' would remove it."
      : `${hasLeftovers(errors) ? leftovers : ''}If you know what you are doing, ${ignoring}`,
    details: { findings },
  });
}

const leftovers =
  "If no cluster uses this machine any more ('crictl ps' lists its containers), 'kubeadm reset' removes what an " +
  "earlier 'kubeadm init' or 'kubeadm join' left. ";

function hasLeftovers(errors: readonly CheckFinding[]): boolean {
  return errors.some(({ check }) => /^(?:FileAvailable|DirAvailable|Port)-/.test(check));
}

/** Ignoring what such a machine is refused for would damage its cluster. */
function hasControlPlane(errors: readonly CheckFinding[]): boolean {
  const manifests = errors.filter(({ check }) =>
    check.startsWith(nameWithPath('FileAvailable', manifestsDir)),
  );
  return manifests.length > 1 && errors.some(({ check }) => check.startsWith('Port-'));
}

function findingsOf(check: string, result: CheckResult, ignore: readonly string[]): readonly CheckFinding[] {
  const ignored = ignore.includes('all') || ignore.includes(check.toLowerCase());
  const errorLevel = ignored ? 'warning' : 'error';
  return [
    ...result.warnings.map((message): CheckFinding => ({ level: 'warning', check, message })),
    ...result.errors.map((message): CheckFinding => ({ level: errorLevel, check, message })),
  ];
}
