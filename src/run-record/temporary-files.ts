import type { FileReads, FileWrites } from '../host/host.ts';
import { isTemporaryName } from '../host/temporary-name.ts';
import { kubeletDir, kubernetesDir, manifestsDir, stateDir } from '../names.ts';

export interface Folders {
  readonly certificatesDir: string;
  /** The accounts of the machine are changed, too. */
  readonly rootless: boolean;
}

/** Removes what atomic writes that were cut off have left in the folders that a run writes to. */
export async function removeTemporaryFiles(
  files: FileReads & FileWrites,
  { certificatesDir, rootless }: Folders,
): Promise<void> {
  const folders = [
    kubernetesDir,
    manifestsDir,
    certificatesDir,
    `${certificatesDir}/etcd`,
    kubeletDir,
    stateDir,
    ...(rootless ? ['/etc'] : []),
  ];
  for (const folder of folders) {
    for (const name of (await files.list(folder)) ?? []) {
      if (isTemporaryName(name)) await files.remove(`${folder}/${name}`);
    }
  }
}
