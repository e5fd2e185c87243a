/** Why systemd does not start the program of a unit. */
import type { ReadHost } from '../../host.ts';
import { redact } from '../../lib/redact.ts';
import { journalLines, unitProperties } from './systemd.ts';

type ExecHost = Pick<ReadHost, 'exec'>;

const lastLines = 20;

/** systemd's own line about a unit that it skipped. */
const skipped =
  / was skipped because (?:of an unmet condition check|no trigger condition checks were met) \((.+)\)/;
/** systemd's own line about a unit that it could not start. */
const failed = /^\S+\.service: (Failed to (?!run ).+)$/;

/** A clause without a subject, such as `its unit requires docker.service, which does not exist`. Undefined if it is unknown. */
export async function unitHindrance(host: ExecHost, unit: string): Promise<string | undefined> {
  const names = ['Requires', 'Requisite', 'BindsTo', 'ExecStartPre', 'ConditionResult'];
  const value = await unitProperties(host, unit, names).catch(() => undefined);
  if (value === undefined) return undefined;
  const found = await journalLines(host, ['--boot', `--unit=${unit}`, `--lines=${lastLines}`]);
  const lines = (found?.lines ?? []).map((line) => redact(line));
  return (
    (await missingUnit(
      host,
      names.slice(0, 3).flatMap((name) => value(name).split(/\s+/)),
    )) ??
    failedStep(value('ExecStartPre'), lines) ??
    ownWords(lines, value('ConditionResult') === 'no')
  );
}

async function missingUnit(host: ExecHost, required: readonly string[]): Promise<string | undefined> {
  for (const name of new Set(required.filter((one) => one !== ''))) {
    const value = await unitProperties(host, name, ['LoadState', 'ActiveState']).catch(() => undefined);
    const load = value?.('LoadState') ?? 'loaded';
    if (load === 'not-found') return `its unit requires ${name}, which does not exist`;
    if (load !== 'loaded') return `its unit requires ${name}, which is ${load}`;
    if (value?.('ActiveState') === 'failed') return `its unit requires ${name}, which has failed`;
  }
  return undefined;
}

/** One line for each command: `{ path=/bin/sh ; argv[]=… ; ignore_errors=no ; … ; code=exited ; status=4 }`. */
function failedStep(steps: string, lines: readonly string[]): string | undefined {
  for (const step of steps.split('\n')) {
    const [, program = ''] = /\bpath=(\S+)/.exec(step) ?? [];
    const [, code, status = ''] = /\bcode=(exited|killed|dumped) ; status=(\d+)/.exec(step) ?? [];
    if (code === undefined || status === '0' || step.includes('ignore_errors=yes')) continue;
    const how = code === 'exited' ? `ended with exit code ${status}` : `was killed by signal ${status}`;
    const own = lines.findLast((line) => !/systemd|\.service|kubelet:/.test(line));
    return `the command ${program} in ExecStartPre of its unit ${how}${own === undefined ? '' : `: ${own}`}`;
  }
  return undefined;
}

/** Lines about earlier starts, which may have succeeded, do not count. */
function ownWords(lines: readonly string[], isSkipped: boolean): string | undefined {
  const recent = lines.slice(lines.findLastIndex((line) => line.startsWith('Started ')) + 1);
  const last = (pattern: RegExp): string | undefined => {
    const line = recent.findLast((one) => pattern.test(one));
    return line === undefined ? undefined : pattern.exec(line)?.[1];
  };
  const condition = isSkipped ? last(skipped) : undefined;
  if (condition !== undefined) return `systemd skips its unit, because the condition ${condition} is not met`;
  const failure = last(failed);
  return failure === undefined ? undefined : `systemd reports: ${failure}`;
}
