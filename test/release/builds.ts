/** Copies this project for the release tests, and builds each copy in its own folder and environment. */
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const node = path.join(root, 'node_modules/.bin/node');

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and waits for its end. */
export async function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Result> {
  return await new Promise((resolve) => {
    const settings = {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      maxBuffer: 64 * 1024 * 1024,
    };
    execFile(program, args, settings, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

/** Runs a program that must succeed, and returns its stdout. */
export async function mustRun(...[program, args, options]: Parameters<typeof run>): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'kubeadm-release-'));
}

/**
 * Copies the current project with its node_modules to `folder`, which must not exist. It copies all files that git does
 * not ignore.
 */
function copyProject(folder: string): void {
  const git = (args: readonly string[]) => spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  mkdirSync(path.dirname(folder), { recursive: true });
  const clone = git(['clone', '--quiet', '--no-checkout', root, folder]);
  if (clone.status !== 0) throw new Error(`git clone failed: ${clone.stderr}`);
  const names = git(['ls-files', '-z', '--cached', '--others', '--exclude-standard']).stdout.split('\0');
  for (const name of names) {
    if (name !== '') cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  for (const modules of ['node_modules', 'packaging/tools/node_modules']) {
    const [from, to] = [path.join(root, modules), path.join(folder, modules)];
    // Hard links are safe, because no program writes into node_modules. Not every file system has them.
    if (spawnSync('cp', ['-al', from, to]).status === 0) continue;
    rmSync(to, { recursive: true, force: true });
    const copy = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
    if (copy.status !== 0) throw new Error(`cannot copy ${modules}: ${copy.stderr}`);
  }
}

/**
 * Makes a release of a copy of this project in `folder` and returns its dist/release.
 * @param env the environment of the build, in which the two builds differ
 * @param umask the umask of the build
 */
export async function buildRelease(
  folder: string,
  env: Readonly<Record<string, string>>,
  umask: string,
): Promise<string> {
  copyProject(folder);
  const script = `umask ${umask} && exec "$0" tools/release.ts --uncommitted`;
  await mustRun('sh', ['-c', script, node], { cwd: folder, env });
  return path.join(folder, 'dist/release');
}
