import { FileError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { FileReads, FileWrites } from '../host.ts';
import { joinPath } from '../lib/join-path.ts';
import { isTemporaryName } from '../lib/temporary-name.ts';
import { kubeletDir, kubernetesDir, manifestsDir, stateDir } from '../names.ts';

export interface Folders {
  readonly certificatesDir: string;
  /** Whether the run also changes the accounts of the machine. */
  readonly rootless: boolean;
  /** Folders of the run itself. A copy of a folder that was cut off is a temporary folder in one of them. */
  readonly own?: readonly string[];
  readonly emit: Emit;
}

/**
 * Removes temporary files that interrupted atomic writes have left in the folders of a run. If one cannot be removed, it
 * warns with `temporary-file-left`.
 */
export async function removeTemporaryFiles(
  files: FileReads & FileWrites,
  { certificatesDir, emit, own = [], rootless }: Folders,
): Promise<void> {
  const folders = [
    kubernetesDir,
    manifestsDir,
    certificatesDir,
    joinPath(certificatesDir, 'etcd'),
    kubeletDir,
    stateDir,
    ...(rootless ? ['/etc'] : []),
    ...own,
  ];
  for (const folder of folders) {
    try {
      for (const name of (await files.list(folder)) ?? []) {
        if (!isTemporaryName(name)) continue;
        if (own.includes(folder)) await files.removeTree(joinPath(folder, name));
        else await files.remove(joinPath(folder, name));
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      const message = `kubeadm cannot remove temporary files in ${folder}: ${messageOf(error)}`;
      emit({ type: 'warning', code: 'temporary-file-left', message });
    }
  }
}
