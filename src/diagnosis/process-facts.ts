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
