/** Builds and shows the components by hand. lab/ calls index.ts instead. */
import { parseArgs } from 'node:util';
import { type SetName, setOf } from './catalogue.ts';
import { type SourceChoice, sourceChoices } from './choose-source.ts';
import { gigabytes } from './disk.ts';
import {
  ComponentsError,
  describeError,
  describePrograms,
  type EnsureOptions,
  ensureComponents,
  pruneComponents,
  setNames,
} from './index.ts';
import { createTextReport } from './render.ts';

const help = `Builds or downloads the real programs and images of a Kubernetes node, into a cache outside the clone.

Usage: node components/main.ts COMMAND [options]

  build        build what is missing of a set, and install missing Debian packages for a node
  list         each program, its version, its set, and whether it is built
  path NAME    the path of a program; builds nothing
  prune        remove from the cache what no release of the table needs any more; only while no lab runs

Options:
  --set SET             node (default): what a node runs, with images; compare: upstream's kubeadm;
                        suite: upstream's e2e_kubeadm tests; all
  --source SOURCE       go: built from Go modules; release: the official release files; auto (default):
                        go where Go is there and new enough, else release
  --kubernetes VERSION  a release of the table, such as 1.36 (default) or v1.36.2
  --dry-run             prune: only say what would be removed
  -h, --help            this text

Environment: COMPONENTS_SOURCE as --source, for make and the tests too; COMPONENTS_MIRROR=https://HOST/PATH with
dl.k8s.io/… and github.com/… below it; HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS; XDG_CACHE_HOME.
`;

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args);
  const [command, name, ...rest] = positionals;
  if (values.help === true || command === undefined) {
    process.stdout.write(help);
    return;
  }
  const options = {
    ...(values.kubernetes === undefined ? {} : { kubernetes: values.kubernetes }),
    ...(values.source === undefined ? {} : { source: sourceNamed(values.source) }),
  };
  if (rest.length > 0 || (command !== 'path' && name !== undefined)) {
    throw usage(`too many arguments: ${[name, ...rest].join(' ')}`);
  }
  if (command === 'build') return build(setNamed(values.set ?? 'node'), options);
  if (command === 'list') return list(options);
  if (command === 'prune') return prune(values['dry-run'] === true);
  if (command === 'path' && name !== undefined) return path(name, options);
  throw usage(
    command === 'path' ? 'path needs the name of a program' : `unknown command ${JSON.stringify(command)}`,
  );
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        set: { type: 'string' },
        kubernetes: { type: 'string' },
        source: { type: 'string' },
        'dry-run': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function usage(message: string): ComponentsError {
  return new ComponentsError(message, { hint: 'See: node components/main.ts --help' });
}

function setNamed(name: string): SetName {
  const found = setNames.find((known) => known === name);
  if (found === undefined) throw usage(`unknown set ${JSON.stringify(name)}; known: ${setNames.join(', ')}`);
  return found;
}

function sourceNamed(name: string): SourceChoice {
  const found = sourceChoices.find((known) => known === name);
  if (found === undefined)
    throw usage(`unknown source ${JSON.stringify(name)}; known: ${sourceChoices.join(', ')}`);
  return found;
}

type Options = Pick<EnsureOptions, 'kubernetes' | 'source'>;

async function build(set: SetName, options: Options): Promise<void> {
  const built = await ensureComponents({ ...options, set, report: createTextReport(process.stderr) });
  for (const [name, file] of Object.entries(built.programs)) process.stdout.write(`${name}\t${file}\n`);
  for (const { reference, tar } of built.images) process.stdout.write(`${reference}\t${tar}\n`);
}

async function list(options: Options): Promise<void> {
  const rows = (await describePrograms(options)).map(({ program, path: place, built }) => [
    program.name,
    program.version,
    setOf(program.name),
    place === undefined ? 'not available from this source' : built ? 'built' : 'not built',
  ]);
  const table = [['PROGRAM', 'VERSION', 'SET', 'STATE'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table) {
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}

async function prune(dryRun: boolean): Promise<void> {
  const { removed, kept, freedMB } = await pruneComponents({ dryRun });
  for (const name of removed) process.stdout.write(`${name}\n`);
  const done = dryRun ? 'would be removed' : 'removed';
  process.stderr.write(`${removed.length} entries ${done} (${gigabytes(freedMB)}), ${kept} kept\n`);
}

async function path(name: string, options: Options): Promise<void> {
  const programs = await describePrograms(options);
  const found = programs.find(({ program }) => program.name === name);
  if (found === undefined) {
    throw usage(
      `no program ${JSON.stringify(name)}; known: ${programs.map(({ program }) => program.name).join(', ')}`,
    );
  }
  if (!found.built) {
    throw new ComponentsError(`${name} is not built`, {
      hint: `Build it: node components/main.ts build --set ${setOf(found.program.name)}`,
    });
  }
  process.stdout.write(`${found.path}\n`);
}

// `main.ts list | head` ends early on purpose.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`error: ${describeError(error)}\n`);
  process.exitCode = 1;
});
