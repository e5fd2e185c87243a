/** Builds the missing pieces of the cache one after the other. A build that was cut off continues with its last piece. */
import type { Program } from './catalogue.ts';
import { requireSpace } from './disk.ts';
import type { Report, Step } from './events.ts';
import { withLock } from './lock.ts';
import type { Source } from './source.ts';
import { entryFolder, hasEntry, removePartials, writeEntry } from './store.ts';

/** A program or an image, one entry of the cache. */
export interface Piece {
  readonly kind: Step['kind'];
  readonly name: string;
  readonly version: string;
  readonly key: string;
  readonly sizeMB: number;
  /** Set for pieces that come from the source. */
  readonly program?: Program;
  /** Writes the files of the piece into an empty folder. */
  readonly make: (directory: string, note: (line: string) => void) => Promise<void>;
}

export interface EnsureContext {
  /** The folder of the cache. */
  readonly root: string;
  /** The purpose of this build, which other builds show while they wait for it. */
  readonly purpose: string;
  readonly report: Report;
  readonly signal: AbortSignal | undefined;
  readonly source: Pick<Source, 'name' | 'missingMB' | 'folders' | 'finish'>;
  readonly sourceReason?: string | undefined;
}

/**
 * Returns when every piece is in the cache. It takes no lock if no piece is missing.
 * @throws ComponentsError for too little disk, and the errors of a piece's `make`.
 */
export async function ensurePieces(pieces: readonly Piece[], context: EnsureContext): Promise<void> {
  const { root, purpose, report, signal } = context;
  const count = (kind: Piece['kind']): number => pieces.filter((piece) => piece.kind === kind).length;
  if (missingOf(pieces, root).length === 0) {
    report({ type: 'complete', programs: count('program'), images: count('image') });
    return;
  }
  await withLock(root, purpose, { report, signal, work: () => buildMissing(pieces, context) });
}

async function buildMissing(
  pieces: readonly Piece[],
  { root, report, source, sourceReason }: EnsureContext,
): Promise<void> {
  await removePartials(root);
  // Another build may have made the pieces before this one got the lock.
  const missing = missingOf(pieces, root);
  if (missing.length === 0) return;
  const programs = missing.flatMap(({ program }) => (program === undefined ? [] : [program]));
  const outputMB = missing.reduce((sum, piece) => sum + piece.sizeMB, 0);
  const needsMB = outputMB + (await source.missingMB(programs));
  const freeMB = await requireSpace(needsMB, [root, ...(await source.folders())]);
  report({
    type: 'plan',
    missing: missing.map((piece) => piece.name),
    of: pieces.length,
    needsMB,
    freeMB,
    cache: root,
    source: source.name,
    sourceReason,
  });
  const start = performance.now();
  for (const [index, piece] of missing.entries()) {
    const { kind, name, version } = piece;
    const step: Step = { kind, name, version, index: index + 1, total: missing.length };
    await buildPiece(piece, { root, step, report });
  }
  await source.finish?.();
  report({ type: 'finished', built: missing.length, seconds: secondsSince(start) });
}

async function buildPiece(
  piece: Piece,
  { root, step, report }: { readonly root: string; readonly step: Step; readonly report: Report },
): Promise<void> {
  const start = performance.now();
  report({ type: 'begin', step });
  const note = (line: string): void => report({ type: 'note', step, line });
  await writeEntry(entryFolder(root, piece.name, piece.key), root, (directory) =>
    piece.make(directory, note),
  );
  report({ type: 'done', step, seconds: secondsSince(start) });
}

function missingOf(pieces: readonly Piece[], root: string): readonly Piece[] {
  return pieces.filter((piece) => !hasEntry(root, piece.name, piece.key));
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
