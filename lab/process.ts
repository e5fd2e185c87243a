/** Processes by pid and start time, because another process can get the same pid later. */
import { readFile } from 'node:fs/promises';

export interface ProcessIdentity {
  readonly pid: number;
  /** The start of the process in clock ticks since the machine's start (field 22 of /proc/PID/stat). */
  readonly start: string;
}

/** Reads a line of /proc/PID/stat. The second field, the name, can have spaces and parentheses. */
export function parseStat(line: string): (ProcessIdentity & { readonly state: string }) | undefined {
  const end = line.lastIndexOf(')');
  const pid = Number.parseInt(line, 10);
  const fields = line.slice(end + 2).split(' ');
  const state = fields[0];
  const start = fields[19];
  if (end < 0 || !Number.isInteger(pid) || state === undefined || start === undefined) return undefined;
  return { pid, start: start.trim(), state };
}

/** Undefined if there is no such process. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const found = line === undefined ? undefined : parseStat(line);
  return found === undefined ? undefined : { pid: found.pid, start: found.start };
}

/** Whether the process runs. A zombie does not. */
export async function isAlive({ pid, start }: ProcessIdentity): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const found = line === undefined ? undefined : parseStat(line);
  return found !== undefined && found.start === start && found.state !== 'Z' && found.state !== 'X';
}
