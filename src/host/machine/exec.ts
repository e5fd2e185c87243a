import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

import { ExecError } from '../../errors.ts';
import type { ExecOptions, ExecReads, ExecResult, ExecWrites } from '../host.ts';

/** Programs come from these folders only, whatever the caller's PATH and current folder are. */
export const programFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

export function createMachineExec(): ExecReads & ExecWrites {
  const find = async (program: string): Promise<string | undefined> => {
    for (const candidate of program.startsWith('/')
      ? [program]
      : programFolders.map((folder) => path.join(folder, program))) {
      if (isExecutable(candidate)) return candidate;
    }
    return undefined;
  };
  const run = async (
    program: string,
    args: readonly string[],
    options: ExecOptions = {},
  ): Promise<ExecResult> => {
    const file = await find(program);
    if (file === undefined) {
      throw new ExecError(`program ${program} was not found in ${programFolders.join(':')}`, {
        hint: `install the package that brings ${program}`,
      });
    }
    // Short commands start no programs, and what starts them is slow to load.
    const { runProgram } = await import('./run-program.ts');
    return await runProgram(file, args, { folders: programFolders, ...options });
  };
  return { find, run, probe: run };
}

/** Synchronous, as all that is small: see files.ts. */
function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
