/** Moving and copying in a dry run. */
import { FileError } from '../../errors.ts';
import type { FileReads } from '../../host.ts';
import { type KeptEntry, liesBelow, setOrigin } from './kept.ts';
import { type DryRunFilesOptions, type Files, placeOf } from './reads.ts';

export interface Transfer {
  readonly operation: 'move' | 'copy';
  /** Clean paths. */
  readonly from: string;
  readonly to: string;
  readonly reads: FileReads;
}

/**
 * Keeps the file or tree at `from` as that at `to`. The real part is not read: `to` gets it as its origin.
 *
 * @throws FileError ENOENT if `from` does not exist
 */
export async function keepTransfer(
  real: Files,
  options: DryRunFilesOptions,
  { from, operation, reads, to }: Transfer,
): Promise<void> {
  const { kept, map } = options;
  const source = await reads.lstat(from);
  if (source === undefined) throw new FileError(operation, from, 'ENOENT');
  const place = await placeOf(real, options, from);
  const isOurs = place !== undefined && place !== from && place === map.mapped(from);
  const target = (file: string): string => to + file.slice(from.length);
  const moves = (file: string): boolean => file === from || liesBelow(file, from);

  const files = new Set([...kept.contents.keys(), ...kept.written].filter(moves));
  if (isOurs && source.kind === 'file') files.add(from);
  const entries: (readonly [string, KeptEntry])[] = [];
  for (const file of files) {
    const stat = await reads.stat(file);
    if (stat === undefined) continue;
    const { gid, kind, mode, uid } = stat;
    const data = kind === 'directory' ? 'directory' : await reads.read(file);
    entries.push([target(file), { data, mode, uid, gid }]);
  }
  const below = [...kept.origins].filter(([file]) => liesBelow(file, from));
  const attributes = [...kept.attributes].filter(([file]) => moves(file));

  await removeCopies(real, options, to);
  setOrigin(kept, to, files.has(from) ? undefined : place);
  for (const [file, origin] of below) kept.origins.set(target(file), origin);
  for (const [file, changed] of attributes) kept.attributes.set(target(file), changed);
  for (const [file, entry] of entries) await keepEntry(real, options, { file, entry });
}

/** A file of the run goes into its directory, and any other one stays in memory. */
async function keepEntry(
  real: Files,
  { kept, map }: DryRunFilesOptions,
  { entry, file }: { readonly file: string; readonly entry: KeptEntry },
): Promise<void> {
  const { data, gid, mode, uid } = entry;
  const copy = map.mapped(file);
  if (copy === undefined || data === 'directory') {
    kept.contents.set(file, entry);
    return;
  }
  await real.write(copy, data, { mode, directoryMode: 0o700 });
  kept.written.add(file);
  kept.attributes.set(file, { mode, uid, gid });
}

/** Removes the files that the run wrote into its directory for a path and for everything below it. */
export async function removeCopies(
  real: Files,
  { kept, map }: DryRunFilesOptions,
  file: string,
): Promise<void> {
  for (const written of kept.written) {
    const copy = map.mapped(written);
    if (copy !== undefined && (written === file || liesBelow(written, file))) await real.remove(copy);
  }
}
