import type { DryRunPaths } from '../host/dry-run/paths.ts';
import { joinPath } from '../lib/join-path.ts';
import {
  kubeconfigFiles,
  kubeletConfigFile,
  kubeletEnvFile,
  kubeletInstanceConfigFile,
  manifestsDir,
} from '../names.ts';
import { certificates } from '../pki/certificates.ts';
import { certificatePath, keyPath } from '../pki/files.ts';

const kubeletFiles = [kubeletConfigFile, kubeletInstanceConfigFile, kubeletEnvFile];

/** The files that kubeadm writes on a node, and those of them that a dry run shows or copies. */
export function nodePaths({
  certificatesDir,
  kubeconfigDir,
}: {
  readonly certificatesDir: string;
  readonly kubeconfigDir: string;
}): DryRunPaths {
  const kubeconfigs = kubeconfigFiles.map((file) => joinPath(kubeconfigDir, file));
  const authorities = certificates
    .filter(({ kind }) => kind === 'authority')
    .flatMap(({ baseName }) => [
      certificatePath(certificatesDir, baseName),
      keyPath(certificatesDir, baseName),
    ]);
  return {
    folders: [certificatesDir, manifestsDir],
    files: [...kubeconfigs, ...kubeletFiles],
    shown: [manifestsDir, kubeletConfigFile, kubeletEnvFile],
    copied: [...authorities, ...kubeconfigs],
  };
}
