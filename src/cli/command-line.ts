import type { Host } from '../host.ts';
import type { Terminal } from './render/live.ts';
import type { Output } from './render/output.ts';

/** The parts of the process that a command line needs. */
export interface CommandLine {
  readonly host: Host;
  readonly output: Output;
  readonly signal: AbortSignal;
  /** Aborts with an exception that no code has caught. The exception ends the command like any other error. */
  readonly failure?: AbortSignal;
  /** Changes the root directory of this process for `--rootfs`, and then the working directory to `/`. */
  readonly changeRoot: (path: string) => Promise<void>;
  /**
   * Creates the file that `--output-events` or `--output-result` names, or empties it if it exists. Others cannot read a
   * result. @throws KubeadmError
   */
  readonly openOutputFile: (path: string, content: 'events' | 'result') => Promise<OutputFile>;
  /** Returns undefined if stdout is not a terminal. Without this field there is no live view. */
  readonly openTerminal?: () => Promise<Terminal | undefined>;
  /** Returns a function that frees the memory of a phase that has ended, if the runtime has one. */
  readonly garbageCollector?: () => Promise<(() => void) | undefined>;
}

/** A file or pipe for lines of JSON. See host/machine/process/output-file.ts. */
export interface OutputFile {
  /** Writes the line immediately. After `close` it does nothing. */
  readonly write: (line: string) => void;
  /**
   * Returns the reason why lines did not reach their reader. Returns undefined if all lines reached it, or if the reader
   * ended by itself.
   */
  readonly close: () => Promise<string | undefined>;
}
