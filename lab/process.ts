/** Processes by pid and start time: a pid alone may by now belong to somebody else. */
import { readFile } from 'node:fs/promises';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since the machine's start, field 22 of /proc/PID/stat. */
  readonly start: string;
}

/** Reads a line of /proc/PID/stat; the second field, the name, may hold spaces and parentheses. */
export function parseStat(line: string): (ProcessIdentity & { readonly state: string }) | undefined {
  const end = line.lastIndexOf(')');
  const pid = Number.parseInt(line, 10);
  const fields = line.slice(end + 2).split(' ');
  const state = fields[0];
  const start = fields[19];
  if (end < 0 || !Number.isInteger(pid) || state === undefined || start === undefined) return undefined;
  return { pid, start: start.trim(), state };
}

/** undefined when there is no such process. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const found = line === undefined ? undefined : parseStat(line);
  return found === undefined ? undefined : { pid: found.pid, start: found.start };
}

/** A zombie counts as gone. */
export async function isAlive({ pid, start }: ProcessIdentity): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const found = line === undefined ? undefined : parseStat(line);
  return found !== undefined && found.start === start && found.state !== 'Z' && found.state !== 'X';
}
