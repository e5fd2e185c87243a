/**
 * Builds dist/kubeadm, one executable for linux-x64, and dist/lib, the library with its declarations, and packs that.
 * The executable starts without AVX2 (Bun's baseline build) and obeys no bunfig.toml or .env of the folder it
 * is started in (docs/adr/0001-ship-form.md).
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const bun = path.join(root, 'node_modules/@oven/bun-linux-x64-baseline/bin/bun');
const tsc = path.join(root, 'node_modules/.bin/tsc');

function run(program: string, args: readonly string[]): void {
  const result = spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) throw new Error(`${path.basename(program)} failed`);
}

/** Commit and its date; empty outside a git checkout, so that a source archive builds as well. */
function git(args: readonly string[]): string {
  const result = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : '';
}

function define(): string {
  const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : '';
  return JSON.stringify({
    version,
    commit: git(['rev-parse', 'HEAD']),
    date: git(['log', '-1', '--format=%cd', '--date=format-local:%Y-%m-%dT%H:%M:%SZ']),
    runtime: 'bun',
    platform: 'linux/amd64',
  });
}

export function buildExecutable(): void {
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  run(bun, [
    'build',
    '--compile',
    '--bytecode',
    '--minify-whitespace',
    '--minify-syntax',
    '--format=esm',
    '--no-compile-autoload-bunfig',
    '--no-compile-autoload-dotenv',
    '--define',
    `KUBEADM_BUILD=${define()}`,
    '--outfile=dist/kubeadm',
    'src/bin.ts',
  ]);
}

export function buildLibrary(): void {
  rmSync(path.join(root, 'dist/lib'), { recursive: true, force: true });
  run(tsc, ['-p', 'tsconfig.lib.json']);
}

/**
 * The manifest of the packed library: what only builds and tests is left out, above all the optional dependencies:
 * npm would install their 300 MB of runtimes with the library.
 *
 * @param manifest package.json's object
 */
export function libraryManifest(manifest: object): Readonly<Record<string, unknown>> {
  const tools = ['devDependencies', 'optionalDependencies', 'scripts'];
  return Object.fromEntries(Object.entries(manifest).filter(([name]) => !tools.includes(name)));
}

/** Packs dist/lib, with its manifest and the texts that go with it, as dist/kubeadm-VERSION.tgz. */
function packLibrary(): void {
  const stage = path.join(root, 'dist/package');
  rmSync(stage, { recursive: true, force: true });
  cpSync(path.join(root, 'dist/lib'), path.join(stage, 'dist/lib'), { recursive: true });
  for (const name of ['LICENSE', 'NOTICE', 'README.md', 'CHANGELOG.md']) {
    cpSync(path.join(root, name), path.join(stage, name));
  }
  const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null) throw new Error('package.json holds no object');
  writeFileSync(
    path.join(stage, 'package.json'),
    `${JSON.stringify(libraryManifest(manifest), undefined, 2)}\n`,
  );
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
