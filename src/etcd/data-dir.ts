import { KubeadmError } from '../errors.ts';
import type { FileReads } from '../host/host.ts';
import { parseYaml } from '../lib/yaml/read.ts';
import { defaultEtcdDataDir, manifestsDir } from '../names.ts';
import type { ResetInput } from '../phases/reset/input.ts';

/**
 * Where the local etcd of this node has its data: from the cluster's configuration, or the manifest on this node, or
 * as a reset that did not end knew it, or the default. The manifest goes before the record: another tool may have
 * taken that cluster away since, and made this one.
 *
 * @throws FileError; KubeadmError `config-invalid` when the manifest does not tell
 */
export async function etcdDataDir(
  { cluster, unfinished }: Pick<ResetInput, 'cluster' | 'unfinished'>,
  { files }: { readonly files: FileReads },
): Promise<string> {
  const configured = cluster?.configuration.etcd.local?.dataDir;
  if (configured !== undefined) return configured;
  const manifest = `${manifestsDir}/etcd.yaml`;
  const recorded = unfinished?.etcdDataDir;
  if ((await files.stat(manifest)) === undefined) return recorded ?? defaultEtcdDataDir;
  const path = dataVolume(await files.readText(manifest)) ?? recorded;
  if (path !== undefined) return path;
  throw new KubeadmError('config-invalid', `${manifest} has no volume etcd-data with a hostPath`);
}

function dataVolume(manifest: string): string | undefined {
  const pod = parseYaml(manifest) as {
    readonly spec?: {
      readonly volumes?: readonly {
        readonly name?: string;
        readonly hostPath?: { readonly path?: string };
      }[];
    };
  } | null;
  return pod?.spec?.volumes?.find(({ name }) => name === 'etcd-data')?.hostPath?.path || undefined;
}
