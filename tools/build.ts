/**
 * Builds dist/kubeadm, one executable for linux-x64, and dist/lib, the library with its declarations. Packs the library.
 * The executable does not need AVX2 (Bun's baseline build), and obeys no bunfig.toml or .env of the current folder. It
 * compiles to machine code a thousand times later than Bun's default, and a command loads only its own chunks
 * (docs/adr/0001-ship-form.md).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import { stagePackage } from './release/npm-package.ts';
import { type Source, source } from './release/source.ts';

const root = path.resolve(import.meta.dirname, '..');
/** The Bun for this machine, which bundles for every target. */
export const bun = path.join(root, 'node_modules/@oven/bun-linux-x64-baseline/bin/bun');
const tsc = path.join(root, 'node_modules/.bin/tsc');

export interface Target {
  /** The name in Go and Debian. */
  readonly architecture: 'amd64' | 'arm64';
  /** The npm package whose Bun becomes part of the executable. */
  readonly runtime: string;
  /** The place where npm has installed it. */
  readonly folder: string;
  /** The name in Bun. */
  readonly name: string;
}

export const amd64: Target = {
  architecture: 'amd64',
  runtime: '@oven/bun-linux-x64-baseline',
  folder: 'node_modules',
  name: 'bun-linux-x64-baseline',
};

/** Its runtime has its own lock file, because npm refuses a package for another architecture in the project's. */
export const arm64: Target = {
  architecture: 'arm64',
  runtime: '@oven/bun-linux-aarch64',
  folder: 'packaging/tools/node_modules',
  name: 'bun-linux-arm64',
};

function run(program: string, args: readonly string[]): void {
  const result = spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) throw new Error(`${path.basename(program)} failed`);
}

function define({ changed, version, commit, date }: Source, { architecture }: Target): string {
  const treeState = commit === '' ? 'archive' : changed ? 'dirty' : 'clean';
  return JSON.stringify({
    version,
    commit,
    treeState,
    date,
    runtime: 'bun',
    platform: `linux/${architecture}`,
  });
}

export interface ExecutableOptions {
  readonly target?: Target;
  /** Defaults to dist/kubeadm. */
  readonly outfile?: string;
  /** Gets the list of files in the bundle, as Bun's (and esbuild's) JSON. */
  readonly metafile?: string;
}

export function buildExecutable(options: ExecutableOptions = {}): void {
  const { target = amd64, outfile = 'dist/kubeadm', metafile } = options;
  const runtime = path.join(root, target.folder, target.runtime, 'bin/bun');
  if (!existsSync(runtime)) throw new Error(`${target.runtime} is not installed: make does it`);
  mkdirSync(path.dirname(path.resolve(root, outfile)), { recursive: true });
  run(bun, [
    'build',
    '--compile',
    `--target=${target.name}`,
    `--compile-executable-path=${runtime}`,
    '--bytecode',
    '--minify-whitespace',
    '--minify-syntax',
    '--splitting',
    '--compile-jit-policy=1000',
    '--format=esm',
    '--no-compile-autoload-bunfig',
    '--no-compile-autoload-dotenv',
    '--define',
    `KUBEADM_BUILD=${define(source(), target)}`,
    ...(metafile === undefined ? [] : [`--metafile=${metafile}`]),
    `--outfile=${outfile}`,
    'src/bin.ts',
  ]);
}

export function buildLibrary(): void {
  rmSync(path.join(root, 'dist/lib'), { recursive: true, force: true });
  run(tsc, ['-p', 'tsconfig.lib.json']);
}

/** Packs dist/lib with its manifest and texts as dist/kubeadm-VERSION.tgz. */
function packLibrary(): void {
  const stage = path.join(root, 'dist/package');
  rmSync(stage, { recursive: true, force: true });
  stagePackage(stage);
  run('npm', ['pack', '--silent', '--offline', '--pack-destination', path.join(root, 'dist'), stage]);
  rmSync(stage, { recursive: true });
}

if (import.meta.main) {
  const started = performance.now();
  buildExecutable();
  const alone = process.argv.includes('--executable-only');
  if (!alone) {
    buildLibrary();
    packLibrary();
  }
  console.log(
    `built dist/kubeadm${alone ? '' : ', dist/lib and its npm archive'} in ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
}
