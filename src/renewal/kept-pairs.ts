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
  readonly paths: readonly string[];
}

/**
 * Copies those of the files that exist.
 *
 * @param isProved whether the component runs with these files. Otherwise the copies of a run that was cut off stay.
 * @throws FileError
 */
export async function keepFiles(
  files: Files,
  { name, paths }: ComponentFiles,
  isProved: boolean,
): Promise<void> {
  if (isProved) await files.removeTree(joinPath(keptPairsDir, name));
  for (const path of paths) {
    const copy = joinPath(keptPairsDir, name, path);
    if (!(await isFile(files, path)) || (await isFile(files, copy))) continue;
    await files.write(copy, await files.read(path), options);
  }
}

/** Whether there are copies of the files of a component. They are those of a run that was cut off. */
export async function hasKeptFiles(files: Files, name: string): Promise<boolean> {
  return (await files.stat(joinPath(keptPairsDir, name))) !== undefined;
}

/** Writes the copies over the files, and then removes them. @throws FileError */
export async function restoreFiles(files: Files, { name, paths }: ComponentFiles): Promise<void> {
  const contents: FileContent[] = [];
  for (const path of paths) {
    const copy = joinPath(keptPairsDir, name, path);
    if (await isFile(files, copy)) contents.push({ path, data: await files.read(copy), options });
  }
  await files.writeAll(contents);
  await dropKeptFiles(files, name);
}

/** Removes the copies of a component. @throws FileError */
export async function dropKeptFiles(files: Files, name: string): Promise<void> {
  await files.removeTree(joinPath(keptPairsDir, name));
  for (const folder of [keptPairsDir, stateDir]) {
    if ((await files.list(folder))?.length === 0) await files.removeTree(folder);
  }
}
