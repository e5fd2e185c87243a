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
  /** `registry.k8s.io/pause:3.10.2`. */
  readonly reference: string;
  /** Absolute path of the docker-archive; a new content has a new path. */
  readonly tar: string;
}

export interface Components<S extends SetName = 'node'> {
  /** `v1.36.2`. */
  readonly kubernetes: string;
  /** Absolute path of each program of the set. */
  readonly programs: Readonly<Record<ProgramsOf[S], string>>;
  /** The images of a node; none for the sets `compare` and `suite`. */
  readonly images: readonly ComponentImage[];
}

export interface EnsureOptions<S extends SetName = 'node'> {
  /** `1.36`, `1.36.2` or `v1.36.2`; default the release that this kubeadm stands for. */
  readonly kubernetes?: string;
  /** Default `node`. */
  readonly set?: S;
  /** Default: silent. `createTextReport(process.stderr)` prints it. */
  readonly report?: Report;
  readonly signal?: AbortSignal;
  /** Default `${XDG_CACHE_HOME:-$HOME/.cache}/kubeadm-ts/components`. */
  readonly cache?: string;
  /** Default COMPONENTS_SOURCE, then `auto`: Go where it is there and new enough, else official release files. */
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
    programs: Object.fromEntries(programs.map((piece) => [piece.name, programPath(piece, root)])) as Readonly<
      Record<ProgramsOf[S], string>
    >,
    images: images.map(({ spec, piece }) => ({
      reference: spec.reference,
      tar: archivePath(entryFolder(root, piece.name, piece.key)),
    })),
  };
}

export interface DescribedProgram {
  readonly program: Program;
  /** Where it is, or will be; undefined where the source does not have it. */
  readonly path: string | undefined;
  readonly built: boolean;
}

/** Where each program is, or will be, in the cache, and whether it is there; builds nothing. */
export async function describePrograms(
  options: Pick<EnsureOptions, 'kubernetes' | 'cache' | 'source'> = {},
): Promise<readonly DescribedProgram[]> {
  const root = options.cache ?? cacheRoot();
  const release = findRelease(options.kubernetes ?? defaultRelease);
  const { source } = await chooseSource(root, probeOf(release), { wanted: options.source });
  return Promise.all(
    programsOfSet(release, 'all').map(async (program) => {
      const piece = await programPiece(program, source, undefined).catch((error: unknown) => {
        // No release has every program; but where Go was asked for and is missing, that is the answer.
        if (source.name === 'go' || !(error instanceof ComponentsError)) throw error;
      });
      if (piece === undefined) return { program, path: undefined, built: false };
      return { program, path: programPath(piece, root), built: hasEntry(root, piece.name, piece.key) };
    }),
  );
}

/**
 * Removes from the cache what no release of the table has in it, from either source: old versions, and programs of
 * another Go than today's. Another clone on another commit may have to build its own anew.
 * @throws ComponentsError where Debian's packages are missing, whose files the images' keys hang on.
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

/** Names of the entries of all that a source gives for a release; none where it does not work here. */
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

/** What Go is asked about: the program of the release that wants the newest. */
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
