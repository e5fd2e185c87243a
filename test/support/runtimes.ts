/** The runtimes that the contracts run on, and a function that runs them. */
import { spawn } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** The runtime inside the executable. */
export const bun = path.join(root, 'node_modules/@oven/bun-linux-x64-baseline/bin/bun');
/** The runtime of the library. */
export const node = process.execPath;

/** Less than the time limits of the tests, so that a program that hangs shows what it has printed. */
const timeout = 240_000;

/** Runs a program in the repository; returns the exit code and the output of both streams. */
export async function run(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly output: string }> {
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
