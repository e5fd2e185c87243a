import type { ClusterConfiguration } from '../config/hub.ts';
import { KubeadmError } from '../errors.ts';
import type { FileReads } from '../host.ts';
import { type Manifest, readManifest } from '../manifests/read-manifest.ts';
import { defaultEtcdDataDir } from '../names.ts';
import { certificatePath } from '../pki/files.ts';

/**
 * Data of etcd on this node. `kubeadm`: kubeadm made the member. `external`: the cluster has an external etcd, so data
 * on this node is not kubeadm's. `unknown`: nothing proves that kubeadm made the data in that directory.
 */
export type EtcdData =
  | { readonly origin: 'kubeadm'; readonly directory: string }
  | { readonly origin: 'external' }
  | { readonly origin: 'unknown'; readonly directory: string };

export interface EtcdDataSources {
  /** The configuration of the cluster; undefined if it could not be read. */
  readonly configuration: Pick<ClusterConfiguration, 'etcd'> | undefined;
  /** The directory in the record of a reset that did not end. */
  readonly recorded: string | undefined;
  readonly certificatesDir: string;
}

/**
 * Finds the data of this node's etcd member. The directory is that of the cluster's configuration. Without one, it is that
 * of the manifest, then that of the record of a reset that did not end, and then the default. The manifest comes before
 * the record, because another tool may have replaced that cluster since. Upstream also takes the data of an external etcd
 * in the default directory for its own (kubernetes/kubeadm#3225).
 *
 * @throws FileError; KubeadmError `config-invalid` if the manifest does not name the directory
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
    if (!etcdServers(apiServer).every((url) => isOwn(url, apiServer))) return { origin: 'external' };
  }
  // An external etcd may run on this node, over TLS. Only for a member of its own does kubeadm make this certificate.
  const paths = [
    certificatePath(certificatesDir, 'etcd/healthcheck-client'),
    ...besideAuthority('healthcheck-client.crt', apiServer),
  ];
  const found = await Promise.all(paths.map((path) => host.files.stat(path)));
  return { origin: found.some((file) => file !== undefined) ? 'kubeadm' : 'unknown', directory };
}

/** The path of a file beside the CA by which an API server knows etcd. */
function besideAuthority(name: string, apiServer: Manifest | undefined): readonly string[] {
  const authority = apiServer?.flags.get('etcd-cafile') ?? '';
  return authority.startsWith('/') ? [`${authority.slice(0, authority.lastIndexOf('/'))}/${name}`] : [];
}

function etcdServers({ flags }: Manifest): readonly string[] {
  return (flags.get('etcd-servers') ?? '').split(',').filter((url) => url !== '');
}

/** Whether an API server uses this URL to reach the member of its own node. kubeadm always writes it with TLS. */
function isOwn(url: string, { flags }: Manifest): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, protocol } = new URL(url);
  const own = ['127.0.0.1', '[::1]', 'localhost', flags.get('advertise-address')];
  return protocol === 'https:' && own.some((host) => host === hostname || `[${host}]` === hostname);
}
