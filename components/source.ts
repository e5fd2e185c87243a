/** The interface of a source of programs: Go modules (go-source.ts) or official releases (official-source.ts). */
import type { Program, ProgramName } from './catalogue.ts';

export type SourceName = 'go' | 'release';

export interface SourceContext {
  readonly signal?: AbortSignal | undefined;
  /** Receives a line of progress, without its line end. */
  readonly note: (line: string) => void;
}

export interface Source {
  readonly name: SourceName;
  /** The Debian packages that it needs in addition to those of every node. */
  readonly debianPackages: readonly string[];
  /** The arguments of an image's entrypoint. */
  arguments(program: ProgramName): readonly string[];
  /**
   * A hash, in hex, of everything that decides the program's bytes. Equal keys mean equal programs, so it names
   * the cache entry.
   * @throws ComponentsError if this machine cannot obtain the program (no Go, an old Go, no release file).
   */
  key(program: Program): Promise<string>;
  /** Writes the executable program to `path`. After a failure, the file at `path` is not usable. */
  obtain(program: Program, path: string, context: SourceContext): Promise<void>;
  /** The approximate MB of disk that obtaining these programs takes, without the programs themselves. */
  missingMB(programs: readonly Program[]): Promise<number>;
  /** The folders on whose disks `missingMB` will be spent. */
  folders(): Promise<readonly string[]>;
  /** Removes the files that only the build needed. It is called at the end of the build. */
  finish?(): Promise<void>;
}
