/** Where a program comes from: built from Go modules (go-source.ts), or official releases (official-source.ts). */
import type { Program, ProgramName } from './catalogue.ts';

export type SourceName = 'go' | 'release';

export interface SourceContext {
  readonly signal?: AbortSignal | undefined;
  /** A line about what goes on inside, without its end. */
  readonly note: (line: string) => void;
}

export interface Source {
  readonly name: SourceName;
  /** What it takes from Debian besides what every node needs. */
  readonly debianPackages: readonly string[];
  /** What an image's entrypoint says after the program's name. */
  arguments(program: ProgramName): readonly string[];
  /**
   * A hash, in hex, of everything that decides the program's bytes. Equal keys mean equal programs, so it names
   * the cache entry.
   * @throws ComponentsError where this machine cannot obtain the program (no Go, too old a Go; in no release file).
   */
  key(program: Program): Promise<string>;
  /** Writes the program to `path`, executable. What stands at `path` after a failure is of no use. */
  obtain(program: Program, path: string, context: SourceContext): Promise<void>;
  /** MB of disk that obtaining these programs still takes besides the programs themselves, roughly. */
  missingMB(programs: readonly Program[]): Promise<number>;
  /** The folders on whose disks `missingMB` will be spent. */
  folders(): Promise<readonly string[]>;
  /** Removes what only the build needed; called when all of it is done. */
  finish?(): Promise<void>;
}
