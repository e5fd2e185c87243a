/** Starts a program without a shell, waits for it and collects its output. */
import { spawn } from 'node:child_process';

import { ComponentsError } from './errors.ts';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Called with each line of standard error as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Resolves with the exit code, even if it is not 0.
 * @throws ComponentsError if the program cannot be started, was killed, or `signal` fired.
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: options.signal,
    });
    let stdout = '';
    let stderr = '';
    let partial = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      const lines = (partial + text).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) options.onLine?.(line);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'not found' : error.message;
      reject(new ComponentsError(`${program}: ${why}`, { cause: error }));
    });
    child.on('close', (code, killer) => {
      if (code === null) reject(new ComponentsError(`${program} was ended by ${killer ?? 'a signal'}`));
      else resolve({ code, stdout, stderr });
    });
  });
}

/**
 * Returns the standard output of a program that must succeed.
 * @throws ComponentsError with the last lines of its standard error.
 */
export async function output(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await run(program, args, options);
  if (result.code === 0) return result.stdout;
  throw new ComponentsError(
    `${program} ${args[0] ?? ''} failed (exit ${result.code}):\n${lastLines(result.stderr)}`,
  );
}

/** The last lines of a text, for an error message. */
export function lastLines(text: string, count = 12): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
