/** Identifies a process, so that a second one does not resume a run that still goes on. */
import type { FileReads } from '../host.ts';

/** A process id can be reused. Together with its start time and the boot, it identifies one process. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot: field 22 of /proc/PID/stat, proc(5). */
  readonly startTicks: string;
  readonly bootId: string;
}

interface Reads {
  readonly files: FileReads;
}

/** Returns undefined if there is no /proc. */
export async function thisProcess({ files }: Reads): Promise<ProcessIdentity | undefined> {
  return await identityOf(files, 'self');
}

/** Whether the process still exists. A zombie does not count. */
export async function isRunning({ files }: Reads, process: ProcessIdentity): Promise<boolean> {
  const found = await identityOf(files, String(process.pid));
  return found?.startTicks === process.startTicks && found.bootId === process.bootId;
}

async function identityOf(files: FileReads, process: string): Promise<ProcessIdentity | undefined> {
  const stat = await files.readText(`/proc/${process}/stat`).catch(() => undefined);
  const bootId = await files.readText('/proc/sys/kernel/random/boot_id').catch(() => undefined);
  // The second field is the program's name in parentheses, and can contain any byte.
  const [, pid, rest] = /^(\d+) \(.*\) ([^)]*)$/s.exec(stat?.trim() ?? '') ?? [];
  const fields = rest?.split(' ') ?? [];
  const [state] = fields;
  const startTicks = fields[19];
  if (pid === undefined || bootId === undefined || startTicks === undefined) return undefined;
  if (state === 'Z' || state === 'X') return undefined;
  return { pid: Number(pid), startTicks, bootId: bootId.trim() };
}
