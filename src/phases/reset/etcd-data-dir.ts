import { KubeadmError } from '../../errors.ts';
import type { FileReads } from '../../host/ports.ts';
import { parseYaml } from '../../lib/yaml-read.ts';
import { defaultEtcdDataDir, manifestsDir } from '../../names.ts';
import type { ResetInput } from './input.ts';

/**
 * Where the local etcd of this node has its data: from the cluster's configuration, or as a reset that did not end
 * knew it, or from the manifest on this node, or the default.
 *
 * @throws FileError; KubeadmError `config-invalid` when the manifest does not tell
 */
export async function etcdDataDir(
  { cluster, unfinished }: Pick<ResetInput, 'cluster' | 'unfinished'>,
  { files }: { readonly files: FileReads },
): Promise<string> {
  const known = cluster?.configuration.etcd.local?.dataDir ?? unfinished?.etcdDataDir;
  if (known !== undefined) return known;
  const manifest = `${manifestsDir}/etcd.yaml`;
  if ((await files.stat(manifest)) === undefined) return defaultEtcdDataDir;
  const pod = parseYaml(await files.readText(manifest)) as {
    readonly spec?: {
      readonly volumes?: readonly {
        readonly name?: string;
        readonly hostPath?: { readonly path?: string };
      }[];
    };
  } | null;
  const path = pod?.spec?.volumes?.find(({ name }) => name === 'etcd-data')?.hostPath?.path;
  if (path === undefined || path === '') {
    throw new KubeadmError('config-invalid', `${manifest} has no volume etcd-data with a hostPath`);
  }
  return path;
}
