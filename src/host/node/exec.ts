import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import path from 'node:path';

import { ExecError } from '../../errors.ts';
import type { ExecOptions, ExecReads, ExecResult, ExecWrites } from '../ports.ts';

/** Programs come from these folders only, whatever the caller's PATH and current folder are. */
export const programFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

const defaultTimeoutMs = 120_000;

export function createNodeExec(): ExecReads & ExecWrites {
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
    return await runProgram(file, args, options);
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

async function runProgram(file: string, args: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  return await new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: '/',
      // A group of its own, so that what it started ends with it.
      detached: true,
      env: { PATH: programFolders.join(':'), LC_ALL: 'C', HOME: '/root' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => stdout.push(data));
    child.stderr.on('data', (data: Buffer) => stderr.push(data));
    // A program that ends before it has read its input is not an error.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(child.pid);
      // One that left the group may keep the pipes open for ever.
      child.stdout.destroy();
      child.stderr.destroy();
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(new ExecError(`${file} could not be started: ${error.message}`, { cause: error }));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (late) {
        reject(
          new ExecError(
            `${[file, ...args].join(' ')} did not end within ${timeoutMs / 1000} s and was killed`,
          ),
        );
        return;
      }
      resolve({
        code: code ?? 128 + (signal === null ? 0 : system.signals[signal]),
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // The group has ended by itself.
  }
}
