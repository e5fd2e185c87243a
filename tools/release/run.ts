/** Runs the programs that make a release. */
import { execFile } from 'node:child_process';
import path from 'node:path';

import { root } from './source.ts';

/**
 * Returns the stdout of a program that must succeed. `cwd` defaults to the project. `env` is added to the environment.
 * @throws Error with its stderr.
 */
export async function output(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const settings = {
      cwd: options.cwd ?? root,
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
      maxBuffer: 64 * 1024 * 1024,
    };
    execFile(program, args, settings, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args[0] ?? ''} failed: ${stderr || error.message}`));
    });
  });
}

/** Returns the stdout of the npm of packaging/tools, because the output differs between releases of npm. Uses no network. */
export async function npm(args: readonly string[], cwd: string): Promise<string> {
  const program = path.join(root, 'packaging/tools/node_modules/npm/bin/npm-cli.js');
  const node = path.join(root, 'node_modules/.bin/node');
  return await output(node, [program, ...args, '--offline', '--loglevel=error'], { cwd });
}
