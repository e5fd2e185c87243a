/** Facts about the kubelet from systemd and the journal, from one look to the next. */
import type { ReadHost } from '../../host.ts';
import { type EndedKubelet, firstSystemdCode, type KubeletFacts, type UnitFacts } from '../facts.ts';
import { redactLines } from '../logs/container-log.ts';
import { type JournalFailures, journalFailures } from './journal.ts';
import { journalLines, stoppable, unitFactProperties, unitFacts, unitProperties } from './systemd.ts';
import { unitHindrance } from './unit-hindrance.ts';

export interface KubeletLook extends Omit<JournalFailures, 'isRegistered'> {
  readonly kubelet?: KubeletFacts;
}

interface Unit {
  readonly facts: UnitFacts;
  /** Whether its process has ended and the next one has not begun. */
  readonly ended: boolean;
  readonly exits: number;
  /** The process that runs, or that ran last. */
  readonly invocation: string;
  readonly pid: string;
  /** Undefined when the unit reads files of variables, which may hold the flag, or does not start the kubelet itself. */
  readonly withoutConfig: boolean | undefined;
}

const properties = [
  ...unitFactProperties,
  'SubState',
  'NRestarts',
  'ExecMainPID',
  'InvocationID',
  'ExecStart',
  'Environment',
  'EnvironmentFiles',
];
const lastLines = 20;
/** The kubelet repeats a failure at the latest after five minutes. */
const recentJournal = '--since=-6min';

export interface KubeletGatherer {
  /** Reads the state before the wait. It does not read the journal, which takes long. */
  readonly begin: () => Promise<void>;
  /** Drops the failures of Pods that have a sandbox now, because they are no longer evidence. */
  readonly forget: (pods: readonly string[]) => void;
  /** @param at milliseconds since the wait began */
  readonly look: (at: number) => Promise<KubeletLook>;
}

export interface KubeletOptions {
  /** Earlier failures prove nothing: a kubelet that is not restarted can have had them days before. */
  readonly since: Date;
  /** Ends the programs that are asked. */
  readonly signal?: AbortSignal;
  /** For a single look, all ends since the last start count, and the journal of the last minutes. */
  readonly once?: boolean;
}

/** Without systemd or a journal there are no facts. */
export function kubeletGatherer(
  host: Pick<ReadHost, 'exec'>,
  { once = false, signal, since }: KubeletOptions,
): KubeletGatherer {
  const exec = stoppable(host.exec, signal);
  const failures = failureReader(
    { exec },
    once ? recentJournal : `--since=@${Math.floor(since.getTime() / 1000)}`,
  );
  let exitsBefore = once ? 0 : undefined;
  const runs = new Map<string, EndedKubelet>();
  const lookAtUnit = async (): Promise<Unit | undefined> => {
    const unit = await unitState({ exec });
    if (unit === undefined) return undefined;
    exitsBefore ??= unit.exits;
    // Its last lines can reach the journal after its end.
    if (unit.ended && !runs.get(unit.invocation)?.log.length) {
      const lines = await lastWords({ exec }, unit);
      const { exitCode } = unit.facts;
      runs.set(unit.invocation, { exitCode, log: redactLines(endOf(lines)) });
    }
    return unit;
  };
  return {
    begin: async () => void (await lookAtUnit()),
    forget: failures.forget,
    look: async (at) => {
      const unit = await lookAtUnit();
      if (unit === undefined) return failures.seen();
      await failures.read(unit, at);
      const exits = Math.max(0, unit.exits - (exitsBefore ?? 0));
      const { facts, withoutConfig } = unit;
      const isDown = unit.ended || facts.state === 'inactive';
      const hindrance = isDown ? await unitHindrance({ exec }, 'kubelet') : undefined;
      const kubelet = {
        state: facts.state,
        unit: facts,
        exitsEver: unit.exits,
        exits,
        runs: [...runs.values()],
        ...(withoutConfig === undefined ? {} : { withoutConfig }),
        ...(hindrance === undefined ? {} : { hindrance }),
      };
      return { ...failures.seen(), kubelet };
    },
  };
}

interface FailureReader extends Pick<KubeletGatherer, 'forget'> {
  /** Reads what the journal has got since the last time. */
  readonly read: (unit: Unit, at: number) => Promise<void>;
  /** All failures that were read and not forgotten. */
  readonly seen: () => KubeletLook;
}

/**
 * Reads the failures of the kubelet from the journal of its process.
 *
 * @param from the argument of journalctl for the begin of the first read
 */
function failureReader(host: Pick<ReadHost, 'exec'>, from: string): FailureReader {
  let journal: { readonly invocation: string; readonly cursor: string } | undefined;
  let seen: KubeletLook = { pulls: [], sandboxes: [], podFailures: [], nodeFailures: [] };
  /** Pods that got a sandbox since the journal was read. The next failure that it lists may be older than the sandbox. */
  const healed = new Set<string>();
  const stays = ({ pod }: { readonly pod: string }): boolean => !healed.has(pod);
  return {
    seen: () => seen,
    forget: (pods) => {
      for (const pod of pods) healed.add(pod);
      seen = { ...seen, sandboxes: seen.sandboxes.filter(stays) };
    },
    read: async (unit, at) => {
      if (unit.invocation === '') return;
      const cursor = journal?.invocation === unit.invocation ? journal.cursor : undefined;
      const after = cursor ? `--after-cursor=${cursor}` : from;
      const found = await journalLines(host, [after, ofProcess(unit)]);
      if (found === undefined) return;
      const isOther = journal !== undefined && journal.invocation !== unit.invocation;
      journal = { invocation: unit.invocation, cursor: found.cursor ?? cursor ?? '' };
      const { isRegistered, nodeFailures, podFailures, pulls, sandboxes } = journalFailures(found.lines, at);
      seen = {
        pulls: [...seen.pulls, ...pulls],
        sandboxes: [...seen.sandboxes, ...sandboxes.filter(stays)],
        podFailures: [...seen.podFailures, ...podFailures],
        // A kubelet that was started again repeats what it still cannot do.
        nodeFailures: isOther || isRegistered ? nodeFailures : [...seen.nodeFailures, ...nodeFailures],
      };
      healed.clear();
    },
  };
}

/** The last lines, or those around the beginning of a crash, which Go follows with hundreds of lines of stacks. */
function endOf(lines: readonly string[]): readonly string[] {
  const crash = lines.findIndex((line) => /^(?:panic|fatal error|runtime): /.test(line));
  return crash < 0 ? lines.slice(-lastLines) : lines.slice(Math.max(0, crash - 5), crash + lastLines - 5);
}

async function unitState(host: Pick<ReadHost, 'exec'>): Promise<Unit | undefined> {
  const value = await unitProperties(host, 'kubelet', properties);
  if (value === undefined) return undefined;
  const facts = unitFacts(value);
  const ended = facts.state === 'failed' || value('SubState').startsWith('auto-restart');
  return {
    facts,
    ended,
    exits: Number(value('NRestarts')) + (ended ? 1 : 0),
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

function ofProcess({ invocation }: Unit): string {
  return `_SYSTEMD_INVOCATION_ID=${invocation}`;
}

/** For a process that ended at once, journald may know only the unit and the process id. */
async function lastWords(host: Pick<ReadHost, 'exec'>, unit: Unit): Promise<readonly string[]> {
  const found = await journalLines(host, [ofProcess(unit)]);
  if (found?.lines.length) return found.lines;
  if (unit.facts.exitCode >= firstSystemdCode) return await wordsOfSystemd(host);
  const own = ['--boot', '--unit=kubelet', `_PID=${unit.pid}`, `--lines=${lastLines}`];
  return (await journalLines(host, own))?.lines ?? [];
}

/** What systemd reports about a program that it could not start. */
async function wordsOfSystemd(host: Pick<ReadHost, 'exec'>): Promise<readonly string[]> {
  const found = await journalLines(host, ['--boot', '--unit=kubelet', `--lines=${lastLines}`]);
  const own = (found?.lines ?? []).filter((line) => /^kubelet\.service: (?:Failed|Unable)/.test(line));
  return own.filter((line) => !/Failed with result/.test(line));
}
