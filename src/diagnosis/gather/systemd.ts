/** Reads units of systemd and the journal. */
import type { ExecReads, ReadHost } from '../../host.ts';
import type { UnitFacts } from '../facts.ts';

type ExecHost = Pick<ReadHost, 'exec'>;

const probeTimeoutMs = 5_000;

/** Reads properties of a unit by name, each value of a list on a line of its own. Undefined if systemd does not answer. @throws ExecError without systemctl */
export async function unitProperties(
  { exec }: ExecHost,
  unit: string,
  names: readonly string[],
): Promise<((name: string) => string) | undefined> {
  const args = ['show', unit, `--property=${names.join(',')}`];
  const { code, stdout } = await exec.probe('systemctl', args, { timeoutMs: probeTimeoutMs });
  if (code !== 0) return undefined;
  const lines = stdout.split('\n');
  return (name) => {
    const own = lines.filter((line) => line.startsWith(`${name}=`));
    return own.map((line) => line.slice(name.length + 1)).join('\n');
  };
}

/** The properties that `unitFacts` needs. */
export const unitFactProperties = [
  'LoadState',
  'ActiveState',
  'Result',
  'ExecMainStatus',
  'UnitFileState',
  'MainPID',
  'StateChangeTimestamp',
  'Job',
] as const;

export function unitFacts(value: (name: string) => string): UnitFacts {
  const fileState = value('UnitFileState');
  const since = Date.parse(value('StateChangeTimestamp').replace(/^\w{3} /, ''));
  const pid = Number(value('MainPID'));
  return {
    load: value('LoadState'),
    state: value('ActiveState'),
    result: value('Result'),
    exitCode: Number(value('ExecMainStatus')),
    ...(fileState === '' ? {} : { fileState }),
    ...(pid > 0 ? { pid } : {}),
    ...(Number(value('Job')) > 0 ? { isQueued: true } : {}),
    ...(Number.isNaN(since) ? {} : { since }),
  };
}

export interface JournalPart {
  readonly lines: readonly string[];
  readonly cursor?: string;
}

/** Matching messages, oldest first, and the cursor of the next read; undefined if the journal cannot be read. */
export async function journalLines(
  { exec }: ExecHost,
  matches: readonly string[],
): Promise<JournalPart | undefined> {
  const { code, stdout } = await exec.probe(
    'journalctl',
    ['--quiet', '--no-pager', '--output=cat', '--show-cursor', ...matches],
    { timeoutMs: probeTimeoutMs },
  );
  if (code !== 0) return undefined;
  const lines = stdout.split('\n').filter((line) => line !== '');
  const mark = '-- cursor: ';
  const found = lines.findLast((line) => line.startsWith(mark));
  const own = lines.filter((line) => !line.startsWith(mark));
  return found === undefined ? { lines: own } : { lines: own, cursor: found.slice(mark.length) };
}

/** Programs that end with the signal. */
export function stoppable({ find, probe }: ExecReads, signal: AbortSignal | undefined): ExecReads {
  if (signal === undefined) return { find, probe };
  return {
    find,
    probe: async (program, args, options) => await probe(program, args, { ...options, signal }),
  };
}
