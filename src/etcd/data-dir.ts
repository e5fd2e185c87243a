import type { ClusterConfiguration } from '../config/hub.ts';
import { KubeadmError } from '../errors.ts';
import type { FileReads } from '../host.ts';
import { type Manifest, readManifest } from '../manifests/read-manifest.ts';
import { defaultEtcdDataDir } from '../names.ts';
import { certificatePath } from '../pki/files.ts';

/**
 * Data of etcd on this node. `kubeadm`: of a member that kubeadm made; `external`: the cluster has an external etcd,
 * and data on this node is not kubeadm's; `unknown`: it does not show that kubeadm made what may lie in that directory.
 */
export type EtcdData =
  | { readonly origin: 'kubeadm'; readonly directory: string }
  | { readonly origin: 'external' }
  | { readonly origin: 'unknown'; readonly directory: string };

export interface EtcdDataSources {
  /** Of the cluster; undefined when it could not be read. */
  readonly configuration: Pick<ClusterConfiguration, 'etcd'> | undefined;
  /** As a reset that did not end knew the directory. */
  readonly recorded: string | undefined;
  readonly certificatesDir: string;
}

/**
 * Finds the data of this node's etcd member. The directory is that of the cluster's configuration, else that of the
 * manifest, else that of a reset that did not end, else the default one. The manifest goes before the record: another
 * tool may have taken that cluster away since, and made this one. Upstream also takes the data of an external etcd in the
 * default directory for its own (kubernetes/kubeadm#3225).
 *
 * @throws FileError; KubeadmError `config-invalid` when the manifest does not name the directory
 */
export async function findEtcdData(
  { configuration, recorded, certificatesDir }: EtcdDataSources,
  host: { readonly files: FileReads },
): Promise<EtcdData> {
  if (configuration?.etcd.external !== undefined) return { origin: 'external' };
  const manifest = await readManifest(host, 'etcd');
  const configured = configuration?.etcd.local?.dataDir;
  if (manifest !== undefined) {
    const directory = configured ?? (manifest.volumes.get('etcd-data') || recorded);
    if (directory !== undefined) return { origin: 'kubeadm', directory };
    throw new KubeadmError('config-invalid', `${manifest.path} has no volume etcd-data with a hostPath`);
  }
  if (recorded !== undefined) return { origin: 'kubeadm', directory: configured ?? recorded };
  const directory = configured ?? defaultEtcdDataDir;
  const apiServer = await readManifest(host, 'kube-apiserver');
  if (apiServer !== undefined) {
    if (configured !== undefined) return { origin: 'kubeadm', directory };
    const servers = etcdServers(apiServer);
    if (servers.length > 0) {
      const own = servers.every((url) => isOwn(url, apiServer));
      return own ? { origin: 'kubeadm', directory } : { origin: 'external' };
    }
  }
  // Only a node with a member of its own has this certificate.
  const certificate = await host.files.stat(certificatePath(certificatesDir, 'etcd/healthcheck-client'));
  return { origin: certificate === undefined ? 'unknown' : 'kubeadm', directory };
}

function etcdServers({ flags }: Manifest): readonly string[] {
  return (flags.get('etcd-servers') ?? '').split(',').filter((url) => url !== '');
}

/** Whether an API server reaches the member of its own node by this URL, as kubeadm writes it: always over TLS. */
function isOwn(url: string, { flags }: Manifest): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, protocol } = new URL(url);
  const own = ['127.0.0.1', '[::1]', 'localhost', flags.get('advertise-address')];
  return protocol === 'https:' && own.some((host) => host === hostname || `[${host}]` === hostname);
}
