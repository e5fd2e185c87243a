/**
 * Copies of the certificates and keys that a component is known to run with, while it is not proved that it runs with the
 * renewed ones. They outlast a run that is cut off.
 */
import type { FileContent, FileReads, FileWrites } from '../host.ts';
import { joinPath } from '../lib/join-path.ts';
import { stateDir } from '../names.ts';
import { isFile } from '../pki/files.ts';

type Files = FileReads & FileWrites;

export const keptPairsDir = joinPath(stateDir, 'renewal');
const options = { mode: 0o600, directoryMode: 0o700 };

/** The files of one component, and the name of the component. */
export interface ComponentFiles {
  readonly name: string;
  /** The paths of each key and its certificate, which only fit together; or the path of a kubeconfig. */
  readonly pairs: readonly (readonly string[])[];
}

/**
 * Copies those of the pairs that exist.
 *
 * @param isProved whether the component runs with these files. Otherwise the copies of a run that was cut off stay.
 * @throws FileError
 */
export async function keepFiles(
  files: Files,
  { name, pairs }: ComponentFiles,
  isProved: boolean,
): Promise<void> {
  if (isProved) await files.removeTree(joinPath(keptPairsDir, name));
  for (const pair of pairs) {
    // A run that was cut off may have left one half of a pair.
    if (!(await areFiles(files, pair)) || (await isKept(files, name, pair))) continue;
    const contents: FileContent[] = [];
    for (const path of pair) {
      contents.push({ path: copyOf(name, path), data: await files.read(path), options });
    }
    await files.writeAll(contents);
  }
}

/** Whether there is a copy of a pair of a component. It is that of a run that was cut off. */
export async function hasKeptFiles(files: Files, { name, pairs }: ComponentFiles): Promise<boolean> {
  const found = await Promise.all(pairs.map((pair) => isKept(files, name, pair)));
  return found.includes(true);
}

/** Writes the copies over the files, and then removes them. @throws FileError */
export async function restoreFiles(files: Files, { name, pairs }: ComponentFiles): Promise<void> {
  const contents: FileContent[] = [];
  for (const pair of pairs) {
    if (!(await isKept(files, name, pair))) continue;
    for (const path of pair) contents.push({ path, data: await files.read(copyOf(name, path)), options });
  }
  await files.writeAll(contents);
  await dropKeptFiles(files, name);
}

function copyOf(name: string, path: string): string {
  return joinPath(keptPairsDir, name, path);
}

async function isKept(files: Files, name: string, pair: readonly string[]): Promise<boolean> {
  const copies = pair.map((path) => copyOf(name, path));
  return await areFiles(files, copies);
}

async function areFiles(files: Files, paths: readonly string[]): Promise<boolean> {
  const found = await Promise.all(paths.map((path) => isFile(files, path)));
  return !found.includes(false);
}

/** Removes the copies of a component. @throws FileError */
export async function dropKeptFiles(files: Files, name: string): Promise<void> {
  await files.removeTree(joinPath(keptPairsDir, name));
  for (const folder of [keptPairsDir, stateDir]) {
    if ((await files.list(folder))?.length === 0) await files.removeTree(folder);
  }
}
