import { spawn } from 'node:child_process';
import { constants as system } from 'node:os';

import { ExecError } from '../../errors.ts';
import type { ExecOptions, ExecResult } from '../host.ts';

const defaultTimeoutMs = 120_000;

export interface ProgramOptions extends ExecOptions {
  /** Where the program finds others. */
  readonly folders: readonly string[];
}

/** Runs an executable file to its end. @throws ExecError when it cannot be started, or does not end in time */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ExecResult> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  return await new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: '/',
      // A group of its own, so that what it started ends with it.
      detached: true,
      env: { PATH: options.folders.join(':'), LC_ALL: 'C', HOME: '/root' },
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
