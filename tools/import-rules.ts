/** The import rules of docs/architecture.md, checked on the text of every file under src/, test/ and tools/. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
/** The files that make a host and give it to the code that uses it. */
const entries = ['src/bin.ts', 'src/index.ts'];
/** The folders that may use node:crypto, which is computation and not I/O. */
const cryptoFolders = ['pki', 'cluster', 'kubeconfig', 'config', 'discovery', 'host/machine', 'host/memory'];
/** The folders that have commands as functions: with phases, and without them. */
const commandFolders = ['phases', 'commands'];
const pureNodeModules = new Set(['node:path', 'node:zlib', 'node:util']);

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): readonly Import[] {
  return importsIn(file, readFileSync(path.join(root, file), 'utf8'));
}

/** The imports and re-exports of a text, including dynamic ones. */
export function importsIn(file: string, text: string): readonly Import[] {
  const statements =
    /^(?:import|export)\s+(type\s+)?[^;'"]*?\s*from\s*'([^']+)'|(?:import|getBuiltinModule)\('([^']+)'\)|^import\s+'([^']+)'/gm;
  return [...text.matchAll(statements)].map((match) => {
    const specifier = match[2] ?? match[3] ?? match[4] ?? '';
    const target = specifier.startsWith('.')
      ? path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
      : specifier;
    return { file, target, typeOnly: match[1] !== undefined };
  });
}

function within(file: string, folder: string): boolean {
  return file.startsWith(`src/${folder}/`);
}

/** The files of phases, which the ordered lists import. */
const phaseFiles = new Set(
  globSync('src/phases/*/index.ts', { cwd: root })
    .flatMap(importsOf)
    .filter(({ target, typeOnly }) => !typeOnly && /^src\/phases\/[\w-]+\/[\w-]+\.ts$/.test(target))
    .map(({ target }) => target),
);

/** The folder below test/ that a file is in; undefined for a file elsewhere. */
function testFolder(file: string): string | undefined {
  return /^test\/([^/]+)\//.exec(file)?.[1];
}

/** The reason why an import of a file outside of src is refused; undefined if it is allowed. */
export function testViolation({ file, target }: Import): string | undefined {
  const folder = testFolder(target);
  if (folder === undefined || folder === 'support' || folder === testFolder(file)) return undefined;
  return 'helpers of several folders of tests or tools are in test/support';
}

/** The problem of one import; undefined if the rules allow it. */
export function violation({ file, target, typeOnly }: Import): string | undefined {
  const test = /\.(test|fixture)\.ts$/.test(file);
  if (target.startsWith('node:') || target.startsWith('bun:')) {
    if (test || typeOnly || within(file, 'host/machine') || file === 'src/bin.ts') return undefined;
    if (target === 'node:crypto' && cryptoFolders.some((folder) => within(file, folder))) return undefined;
    return pureNodeModules.has(target) ? undefined : 'only host/machine and bin.ts do I/O through node:*';
  }
  if (!test && /^(?:components|lab|test|tools)\//.test(target)) return 'src imports nothing from beside it';
  if (!target.startsWith('src/')) return undefined;
  if (target === 'src/index.ts') return 'nothing imports index.ts';
  const host = ['host/machine', 'host/memory'].find((folder) => within(target, folder));
  if (host !== undefined && !test && !within(file, host) && !entries.includes(file))
    return 'a host is made by bin.ts or by who uses the library: all others are given one';
  if (within(file, 'workflow') && !within(target, 'workflow')) return 'workflow knows nothing of Kubernetes';
  if (within(file, 'lib') && !within(target, 'lib')) return 'lib imports only lib';
  if (
    !test &&
    !entries.includes(file) &&
    !['cli', ...commandFolders].some((folder) => within(file, folder))
  ) {
    const above = ['cli', ...commandFolders].find((folder) => within(target, folder));
    if (above !== undefined) return `the domain and the hosts never import ${above}`;
  }
  const commandFolder = commandFolders.find((folder) => within(file, folder));
  if (commandFolder !== undefined && within(target, 'cli') && !test)
    return `${commandFolder} never import cli`;
  if (commandFolder === 'phases' && within(target, 'commands')) return 'phases never import commands';
  if (phaseFiles.has(file) && phaseFiles.has(target)) return 'a phase never imports another phase';
  return undefined;
}

/**
 * Cycles of files that import each other (except for types), and cycles of folders with the same parent (with types).
 * A folder and a file beside it may import each other.
 */
function cycles(all: readonly Import[]): readonly string[] {
  const sources = all.filter(
    ({ file, target }) => target.startsWith('src/') && !/\.(test|fixture)\.ts$/.test(file),
  );
  const files = sources
    .filter(({ typeOnly }) => !typeOnly)
    .map(({ file, target }) => [file, target] as const);
  return [...cyclesIn(files), ...cyclesIn(sources.flatMap(siblingFolders))];
}

/** The two folders at which the paths of the files divide; empty if one of them is a file there. */
export function siblingFolders({ file, target }: Pick<Import, 'file' | 'target'>): readonly Edge[] {
  const [from, to] = [file.split('/'), target.split('/')];
  const common = from.findIndex((part, index) => part !== to[index]);
  if (common < 0 || common >= from.length - 1 || common >= to.length - 1) return [];
  return [[from.slice(0, common + 1).join('/'), to.slice(0, common + 1).join('/')]];
}

type Edge = readonly [from: string, to: string];

/** Each cycle once, such as `a -> b -> a`. */
export function cyclesIn(list: readonly Edge[]): readonly string[] {
  const edges = new Map<string, Set<string>>();
  for (const [from, to] of list) edges.set(from, (edges.get(from) ?? new Set()).add(to));
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (node: string, trail: readonly string[]): void => {
    if (state.get(node) === 'done') return;
    if (state.get(node) === 'open') {
      found.push([...trail.slice(trail.indexOf(node)), node].join(' -> '));
      return;
    }
    state.set(node, 'open');
    for (const next of edges.get(node) ?? []) visit(next, [...trail, node]);
    state.set(node, 'done');
  };
  for (const node of edges.keys()) visit(node, []);
  return found;
}

/** All findings, one line each. */
export function checkImports(): readonly string[] {
  const all = globSync('src/**/*.ts', { cwd: root }).flatMap(importsOf);
  const broken = all.flatMap((entry) => {
    const why = violation(entry);
    return why === undefined ? [] : [`${entry.file} imports ${entry.target}: ${why}`];
  });
  const tests = globSync(['test/**/*.ts', 'tools/**/*.ts'], { cwd: root }).flatMap(importsOf);
  const across = tests.flatMap((entry) => {
    const why = testViolation(entry);
    return why === undefined ? [] : [`${entry.file} imports ${entry.target}: ${why}`];
  });
  return [...broken, ...across, ...cycles(all).map((chain) => `cycle: ${chain}`)];
}

if (import.meta.main) {
  const findings = checkImports();
  for (const line of findings) console.error(line);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
