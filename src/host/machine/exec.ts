import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

import { ExecError } from '../../errors.ts';
import type { ExecOptions, ExecReads, ExecResult, ExecWrites } from '../../host.ts';

/** Programs come from these folders first, whatever the caller's PATH and working directory are. */
export const programFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

export function createMachineExec(): ExecReads & ExecWrites {
  const find = async (program: string): Promise<string | undefined> => {
    if (program.startsWith('/')) return isExecutable(program) ? program : undefined;
    const candidates = (folders: readonly string[]) => folders.map((folder) => path.join(folder, program));
    return (
      candidates(programFolders).find(isExecutable) ??
      candidates(ownFolders().trusted).find((file) => isExecutable(file) && belongsToRoot(file))
    );
  };
  const run = async (
    program: string,
    args: readonly string[],
    options: ExecOptions = {},
  ): Promise<ExecResult> => {
    const file = await find(program);
    if (file === undefined) throw notFound(program);
    // Short commands start no programs, and this module is slow to load.
    const { runProgram } = await import('./run-program.ts');
    return await runProgram(file, args, {
      folders: [...programFolders, ...ownFolders().trusted],
      ...options,
    });
  };
  return { find, run, probe: run };
}

/**
 * The absolute folders of the caller's PATH apart from the fixed ones. Those in which only root can write are trusted;
 * the others are not searched.
 */
function ownFolders(): { readonly trusted: readonly string[]; readonly refused: readonly string[] } {
  const entries = new Set((process.env.PATH ?? '').split(':').filter((entry) => entry.startsWith('/')));
  const own = [...entries].filter((entry) => !programFolders.includes(path.resolve(entry)) && isThere(entry));
  return { trusted: own.filter(belongsToRoot), refused: own.filter((entry) => !belongsToRoot(entry)) };
}

/**
 * Whether only root can change or replace the file or folder: it and all folders above belong to root, and nobody else
 * can write to them. A folder above may be sticky, as /nix/store is, as others cannot rename root's files there.
 */
function belongsToRoot(file: string): boolean {
  try {
    const real = realpathSync.native(file);
    for (let place = real; ; place = path.dirname(place)) {
      const { uid, mode } = statSync(place);
      const isGuarded = (mode & 0o022) === 0 || (place !== real && (mode & 0o1000) !== 0);
      if (uid !== 0 || !isGuarded) return false;
      if (place === path.dirname(place)) return true;
    }
  } catch {
    return false;
  }
}

function notFound(program: string): ExecError {
  if (program.startsWith('/')) {
    return new ExecError(`program ${program} was not found, or it is not an executable file`, {
      hint: `install the package that brings ${program}`,
    });
  }
  const { trusted, refused } = ownFolders();
  const skipped =
    refused.length === 0
      ? ''
      : `. Folders of PATH in which other users than root can write are not searched: ${refused.join(':')}`;
  return new ExecError(`program ${program} was not found in ${[...programFolders, ...trusted].join(':')}`, {
    hint: `install the package that brings ${program}, or put its folder into PATH${skipped}`,
  });
}

function isThere(folder: string): boolean {
  try {
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}

/** Synchronous, as all small reads are: see files/files.ts. */
function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
