/** Facts about the kubelet from systemd and the journal, from one look to the next. */
import type { ExecReads, ReadHost } from '../host.ts';
import { redactLines } from './container-log.ts';
import type { EndedKubelet, KubeletFacts, PullFailure, SandboxFailure } from './facts.ts';
import { journalFailures } from './journal.ts';

export interface KubeletLook {
  readonly kubelet?: KubeletFacts;
  readonly pulls: readonly PullFailure[];
  readonly sandboxes: readonly SandboxFailure[];
}

interface Unit {
  readonly state: string;
  /** Whether its process has ended and the next one has not begun. */
  readonly ended: boolean;
  readonly exits: number;
  readonly exitCode: number;
  /** The process that runs, or that ran last. */
  readonly invocation: string;
  readonly pid: string;
  /** Undefined when the unit reads files of variables, which may hold the flag, or does not start the kubelet itself. */
  readonly withoutConfig: boolean | undefined;
}

const probeTimeoutMs = 5_000;
const properties =
  'ActiveState,SubState,NRestarts,ExecMainPID,ExecMainStatus,InvocationID,ExecStart,Environment,EnvironmentFiles';
const lastLines = 20;

export interface KubeletGatherer {
  /** Reads the state before the wait. It does not read the journal, which takes long. */
  readonly begin: () => Promise<void>;
  /** Drops the failures of Pods that have a sandbox now, because they are no longer evidence. */
  readonly forget: (pods: readonly string[]) => void;
  /** @param at milliseconds since the wait began */
  readonly look: (at: number) => Promise<KubeletLook>;
}

/** Without systemd or a journal there are no facts. @param signal ends the programs that are asked */
export function kubeletGatherer(host: Pick<ReadHost, 'exec'>, signal?: AbortSignal): KubeletGatherer {
  const exec = stoppable(host.exec, signal);
  let exitsBefore: number | undefined;
  let journal: { readonly invocation: string; readonly cursor: string } | undefined;
  const runs = new Map<string, EndedKubelet>();
  const pulls: PullFailure[] = [];
  let sandboxes: readonly SandboxFailure[] = [];
  /** Pods that got a sandbox since the journal was read. The next failure that it lists may be older than the sandbox. */
  const healed = new Set<string>();
  const read = async (unit: Unit, at: number): Promise<void> => {
    if (unit.invocation === '') return;
    const cursor = journal?.invocation === unit.invocation ? journal.cursor : undefined;
    const after = cursor ? [`--after-cursor=${cursor}`] : [];
    const found = await journalLines({ exec }, [...after, ofProcess(unit)]);
    if (found === undefined) return;
    journal = { invocation: unit.invocation, cursor: found.cursor ?? cursor ?? '' };
    const failures = journalFailures(found.lines, at);
    pulls.push(...failures.pulls);
    sandboxes = [...sandboxes, ...failures.sandboxes.filter(({ pod }) => !healed.has(pod))];
    healed.clear();
  };
  const lookAtUnit = async (): Promise<Unit | undefined> => {
    const unit = await unitState({ exec });
    if (unit === undefined) return undefined;
    exitsBefore ??= unit.exits;
    // Its last lines can reach the journal after its end.
    if (unit.ended && !runs.get(unit.invocation)?.log.length) {
      const lines = await lastWords({ exec }, unit);
      runs.set(unit.invocation, { exitCode: unit.exitCode, log: redactLines(lines.slice(-lastLines)) });
    }
    return unit;
  };
  return {
    begin: async () => void (await lookAtUnit()),
    forget: (pods) => {
      for (const pod of pods) healed.add(pod);
      sandboxes = sandboxes.filter(({ pod }) => !healed.has(pod));
    },
    look: async (at) => {
      const unit = await lookAtUnit();
      if (unit === undefined) return { pulls, sandboxes };
      await read(unit, at);
      const exits = Math.max(0, unit.exits - (exitsBefore ?? 0));
      const { state, withoutConfig } = unit;
      const kubelet = {
        state,
        exitsEver: unit.exits,
        exits,
        runs: [...runs.values()],
        ...(withoutConfig === undefined ? {} : { withoutConfig }),
      };
      return { kubelet, pulls, sandboxes };
    },
  };
}

/** Programs that end with the signal. */
function stoppable({ find, probe }: ExecReads, signal: AbortSignal | undefined): ExecReads {
  if (signal === undefined) return { find, probe };
  return {
    find,
    probe: async (program, args, options) => await probe(program, args, { ...options, signal }),
  };
}

async function unitState({ exec }: Pick<ReadHost, 'exec'>): Promise<Unit | undefined> {
  const { code, stdout } = await exec.probe('systemctl', ['show', 'kubelet', `--property=${properties}`], {
    timeoutMs: probeTimeoutMs,
  });
  if (code !== 0) return undefined;
  const values = new Map(
    stdout.split('\n').map((line) => [line.split('=', 1)[0], line.replace(/^\w+=/, '')]),
  );
  const value = (name: string): string => values.get(name) ?? '';
  const ended = value('ActiveState') === 'failed' || value('SubState').startsWith('auto-restart');
  return {
    state: value('ActiveState'),
    ended,
    exits: Number(value('NRestarts')) + (ended ? 1 : 0),
    exitCode: Number(value('ExecMainStatus')),
    invocation: value('InvocationID'),
    pid: value('ExecMainPID'),
    withoutConfig: startsWithoutConfig(value),
  };
}

/** The command of the unit stands in the property as it was written: its variables are not filled in. */
function startsWithoutConfig(value: (property: string) => string): boolean | undefined {
  const command = value('ExecStart');
  if (!/\bpath=\S*\/kubelet\s/.test(command)) return undefined;
  // --config-dir and --pod-manifest-path lead to manifests as well.
  if (/--config|--pod-manifest-path/.test(`${command} ${value('Environment')}`)) return false;
  return value('EnvironmentFiles') === '' ? true : undefined;
}

interface JournalPart {
  readonly lines: readonly string[];
  readonly cursor?: string;
}

function ofProcess({ invocation }: Unit): string {
  return `_SYSTEMD_INVOCATION_ID=${invocation}`;
}

/** For a process that ended at once, journald may know only the unit and the process id. */
async function lastWords(host: Pick<ReadHost, 'exec'>, unit: Unit): Promise<readonly string[]> {
  const found = await journalLines(host, [ofProcess(unit)]);
  if (found?.lines.length) return found.lines;
  const own = ['--boot', '--unit=kubelet', `_PID=${unit.pid}`, `--lines=${lastLines}`];
  return (await journalLines(host, own))?.lines ?? [];
}

/** Matching messages, oldest first, and the cursor of the next read; undefined if the journal cannot be read. */
async function journalLines(
  { exec }: Pick<ReadHost, 'exec'>,
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
