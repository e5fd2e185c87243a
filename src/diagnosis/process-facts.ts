/** What a process does. */
export interface ProcessFacts {
  readonly pid: number;
  /** The path of its program, or its name. */
  readonly program: string;
  /** Whether a signal has stopped it. */
  readonly isStopped: boolean;
  /** The milliseconds for which every look found all its threads asleep, and nearly no processor time used. */
  readonly idleMs: number;
}

/** A process of the container runtime with so much time without work, while a call waits for it, waits for nothing. */
export const hungRuntimeMs = 5_000;

/** What a process that hangs does, as the end of a sentence. */
export function activityOf({ idleMs, isStopped }: Pick<ProcessFacts, 'idleMs' | 'isStopped'>): string {
  return isStopped
    ? 'is stopped by a signal (SIGSTOP)'
    : `does nothing: it has used no processor time for ${Math.round(idleMs / 1000)} s`;
}
