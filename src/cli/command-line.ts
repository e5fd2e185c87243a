import type { Host } from '../host.ts';
import type { Terminal } from './render/live.ts';
import type { Output } from './render/output.ts';

/** The process as the command line needs it. */
export interface CommandLine {
  readonly host: Host;
  readonly output: Output;
  readonly signal: AbortSignal;
  /** Aborted with an exception that nothing has caught: it ends the command like any other error. */
  readonly failure?: AbortSignal;
  /** `--rootfs`: changes the root directory of this process, then goes to `/`. */
  readonly changeRoot: (path: string) => Promise<void>;
  /** Empties or makes the file that `--output-events` names. @throws KubeadmError */
  readonly openEventFile: (path: string) => Promise<EventFile>;
  /** Returns undefined if stdout is not a terminal. Without this field there is no live view. */
  readonly openTerminal?: () => Promise<Terminal | undefined>;
  /** Returns a function that frees the memory of a phase that has ended, if the runtime has one. */
  readonly garbageCollector?: () => Promise<(() => void) | undefined>;
}

/** A file or pipe that takes lines of events; see host/machine/process/event-file.ts. */
export interface EventFile {
  /** Writes at once; writes nothing after `close`. */
  readonly write: (line: string) => void;
  /** Returns why lines did not reach their reader; undefined if they did, or if the reader itself has ended. */
  readonly close: () => Promise<string | undefined>;
}
