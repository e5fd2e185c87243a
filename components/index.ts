/**
 * The real programs and images of a node: pinned, built on first use, cached outside the clone.
 * `ensureComponents` is the one entry point for lab/ and test/.
 */
import { basename, join } from 'node:path';

import { ensurePieces, type Piece } from './build.ts';
import { type Program, type ProgramName, type ProgramsOf, programsOfSet, type SetName } from './catalogue.ts';
import { chooseSource, type SourceChoice, sourceChoices } from './choose-source.ts';
import { ensureDebianPackages, nodePackages } from './debian.ts';
import { ComponentsError } from './errors.ts';
import type { Report } from './events.ts';
import { archivePath, type ImageSpec, imageKey, packImage } from './image.ts';
import { imageSpecs } from './images.ts';
import { type Pruned, pruneCache } from './prune.ts';
import { defaultRelease, findRelease, type KubernetesRelease, releases } from './releases.ts';
import type { Source } from './source.ts';
import { cacheRoot, entryFolder, hasEntry } from './store.ts';

export type { NodeProgram, ProgramName, SetName } from './catalogue.ts';
export { setNames } from './catalogue.ts';
export { ComponentsError, describeError } from './errors.ts';
export type { ComponentsEvent, Report } from './events.ts';
export { testImage } from './images.ts';
export { createTextReport } from './render.ts';

export interface ComponentImage {
  /** The reference, such as `registry.k8s.io/pause:3.10.2`. */
  readonly reference: string;
  /** The absolute path of the docker-archive. Another content has another path. */
  readonly tar: string;
}

export interface Components<S extends SetName = 'node'> {
  /** `v1.36.2`. */
  readonly kubernetes: string;
  /** The absolute path of each program of the set. */
  readonly programs: Readonly<Record<ProgramsOf[S], string>>;
  /** The images of a node. The sets `compare` and `suite` have no images. */
  readonly images: readonly ComponentImage[];
}

export interface EnsureOptions<S extends SetName = 'node'> {
  /** `1.36`, `1.36.2` or `v1.36.2`. Defaults to the release of this kubeadm. */
  readonly kubernetes?: string;
  /** Defaults to `node`. */
  readonly set?: S;
  /** Receives the progress. `createTextReport(process.stderr)` prints it. Defaults to no output. */
  readonly report?: Report;
  readonly signal?: AbortSignal;
  /** Defaults to `${XDG_CACHE_HOME:-$HOME/.cache}/kubeadm-ts/components`. */
  readonly cache?: string;
  /** Defaults to COMPONENTS_SOURCE, and then to `auto`: Go if it is installed and new enough, else official release files. */
  readonly source?: SourceChoice;
}

/**
 * Returns the paths of a set's programs and images, building or downloading what is missing. For a node it also installs the
 * Debian packages that are missing. Safe to call from several processes at once: one builds, the others wait.
 * @throws ComponentsError: no disk, no network, a failed build, a wrong checksum; no Go where it was asked for.
 */
export async function ensureComponents<S extends SetName = 'node'>(
  options: EnsureOptions<S> = {},
): Promise<Components<S>> {
  const release = findRelease(options.kubernetes ?? defaultRelease);
  const set: SetName = options.set ?? 'node';
  const report = options.report ?? (() => {});
  const root = options.cache ?? cacheRoot();
  const wanted = programsOfSet(release, set);
  const { source, reason } = await chooseSource(root, probeOf(release), { wanted: options.source });
  const { signal } = options;

  const withImages = set === 'node' || set === 'all';
  const packages = [...nodePackages, ...source.debianPackages];
  if (withImages) await ensureDebianPackages(packages, { report, signal });
  const programs = await Promise.all(wanted.map((program) => programPiece(program, source, signal)));
  const images = withImages ? await imagePieces(release, programs, { root, source }) : [];
  const pieces = [...programs, ...images.map(({ piece }) => piece)];

  const purpose = `building the set ${set} of Kubernetes ${release.version}`;
  await ensurePieces(pieces, { root, purpose, report, signal, source, sourceReason: reason });
  return {
    kubernetes: release.version,
    programs: pathsOf(programs, root),
    images: images.map(({ spec, piece }) => ({
      reference: spec.reference,
      tar: archivePath(entryFolder(root, piece.name, piece.key)),
    })),
  };
}

/**
 * Returns the paths of single programs, such as the kubelet of another release, and builds or downloads what is missing. It
 * makes no images and installs no packages.
 * @throws ComponentsError as `ensureComponents`
 */
export async function ensurePrograms<N extends ProgramName>(
  names: readonly N[],
  options: Omit<EnsureOptions, 'set'> = {},
): Promise<Readonly<Record<N, string>>> {
  const release = findRelease(options.kubernetes ?? defaultRelease);
  const { report = () => {}, signal, cache: root = cacheRoot() } = options;
  const wanted = programsOfSet(release, 'all').filter(({ name }) => names.some((one) => one === name));
  const { source, reason } = await chooseSource(root, probeOf(release), { wanted: options.source });
  const pieces = await Promise.all(wanted.map((program) => programPiece(program, source, signal)));
  const purpose = `building ${names.join(', ')} of Kubernetes ${release.version}`;
  await ensurePieces(pieces, { root, purpose, report, signal, source, sourceReason: reason });
  return pathsOf(pieces, root);
}

function pathsOf<N extends ProgramName>(pieces: readonly Piece[], root: string): Readonly<Record<N, string>> {
  return Object.fromEntries(pieces.map((piece) => [piece.name, programPath(piece, root)])) as Readonly<
    Record<N, string>
  >;
}

export interface DescribedProgram {
  readonly program: Program;
  /** The present or future path; undefined if the source does not have the program. */
  readonly path: string | undefined;
  readonly built: boolean;
}

/** The path of each program in the cache, and whether it exists. Builds nothing. */
export async function describePrograms(
  options: Pick<EnsureOptions, 'kubernetes' | 'cache' | 'source'> = {},
): Promise<readonly DescribedProgram[]> {
  const root = options.cache ?? cacheRoot();
  const release = findRelease(options.kubernetes ?? defaultRelease);
  const { source } = await chooseSource(root, probeOf(release), { wanted: options.source });
  return Promise.all(
    programsOfSet(release, 'all').map(async (program) => {
      const piece = await programPiece(program, source, undefined).catch((error: unknown) => {
        // No release has every program. But if the user chose Go and it is missing, that is the error.
        if (source.name === 'go' || !(error instanceof ComponentsError)) throw error;
      });
      if (piece === undefined) return { program, path: undefined, built: false };
      return { program, path: programPath(piece, root), built: hasEntry(root, piece.name, piece.key) };
    }),
  );
}

/**
 * Removes entries of the cache that no release of the table has, from either source: old versions, and programs that
 * another version of Go built. A clone on another commit may have to build its own again.
 * @throws ComponentsError if Debian's packages are missing, because the keys of images depend on their files.
 */
export async function pruneComponents(options: {
  readonly cache?: string;
  readonly dryRun: boolean;
}): Promise<Pruned> {
  const root = options.cache ?? cacheRoot();
  const kept = await Promise.all(
    releases.flatMap((release) => sourceChoices.map((choice) => currentEntries(root, release, choice))),
  );
  return pruneCache({ root, keep: new Set(kept.flat()), dryRun: options.dryRun });
}

/** The names of all entries of a source for a release; empty if the source does not work here. */
async function currentEntries(
  root: string,
  release: KubernetesRelease,
  wanted: SourceChoice,
): Promise<readonly string[]> {
  const { source } = await chooseSource(root, probeOf(release), { wanted });
  const pieces: Piece[] = [];
  for (const program of programsOfSet(release, 'all')) {
    try {
      pieces.push(await programPiece(program, source, undefined));
    } catch (error) {
      if (!(error instanceof ComponentsError)) throw error;
    }
  }
  const isNode = programsOfSet(release, 'node').every(({ name }) =>
    pieces.some((piece) => piece.name === name),
  );
  const images = isNode ? await imagePieces(release, pieces, { root, source }) : [];
  return [...pieces, ...images.map(({ piece }) => piece)].map(({ name, key }) =>
    basename(entryFolder(root, name, key)),
  );
}

/** The program that needs the newest Go. It is used to check Go. */
function probeOf(release: KubernetesRelease): Program {
  const [probe] = programsOfSet(release, 'node');
  if (probe === undefined) throw new ComponentsError('the set of a node is empty');
  return probe;
}

async function programPiece(
  program: Program,
  source: Source,
  signal: AbortSignal | undefined,
): Promise<Piece> {
  return {
    kind: 'program',
    name: program.name,
    version: program.version,
    key: await source.key(program),
    sizeMB: program.sizeMB,
    program,
    make: (directory, note) => source.obtain(program, join(directory, program.name), { signal, note }),
  };
}

async function imagePieces(
  release: KubernetesRelease,
  programs: readonly Piece[],
  { root, source }: { readonly root: string; readonly source: Source },
): Promise<readonly { readonly spec: ImageSpec; readonly piece: Piece }[]> {
  const byName = new Map(programs.map((piece) => [piece.name, piece]));
  const specs = await imageSpecs(release, (name: ProgramName) => {
    const piece = byName.get(name);
    if (piece === undefined) throw new ComponentsError(`no program ${name} in the set`);
    return { path: programPath(piece, root), key: piece.key, arguments: source.arguments(name) };
  });
  return Promise.all(specs.map(async (spec) => ({ spec, piece: await imagePiece(spec) })));
}

async function imagePiece(spec: ImageSpec): Promise<Piece> {
  const [name = '', version = ''] = (spec.reference.split('/').at(-1) ?? '').split(':');
  return {
    kind: 'image',
    name: `image-${name}`,
    version,
    key: await imageKey(spec),
    sizeMB: 75,
    make: (directory) => packImage(spec, archivePath(directory)),
  };
}

function programPath(piece: Piece, root: string): string {
  return join(entryFolder(root, piece.name, piece.key), piece.name);
}
