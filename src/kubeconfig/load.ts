import { isNotFound, KubeadmError, messageOf } from '../errors.ts';
import type { FileReads } from '../host.ts';
import { directoryOf, joinPath } from '../lib/join-path.ts';
import { findCurrentContext } from './current.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from './kubeconfig.ts';
import { parseKubeconfig } from './parse.ts';

const maxBytes = 4 * 1024 * 1024;

/** Reads the file alone. @throws FileError; KubeadmError `kubeconfig-invalid`, also if it is larger than 4 MiB */
export async function readKubeconfig(
  { files }: { readonly files: FileReads },
  path: string,
): Promise<Kubeconfig> {
  return { ...parseKubeconfig((await readWhole(files, path)).toString('utf8'), path), path };
}

/**
 * Reads a kubeconfig and the files that the cluster and the user of its current context name. The data fields get the
 * contents of these files. Relative paths are relative to the folder of the kubeconfig. An entry with both data and a file
 * keeps both, and clients refuse it. The content of a token file replaces the token, as in client-go.
 *
 * @throws FileError if the kubeconfig cannot be read; KubeadmError `kubeconfig-invalid`
 */
export async function loadKubeconfig(
  reads: { readonly files: FileReads },
  path: string,
): Promise<Kubeconfig> {
  const config = await readKubeconfig(reads, path);
  return await embedFiles(reads, config, findCurrentContext(config));
}

/**
 * Reads the files that one cluster and one user name, as `loadKubeconfig` does.
 *
 * @param config relative paths are relative to the folder of its `path`, or to the working directory if that is a URL
 * @throws KubeadmError `kubeconfig-invalid`
 */
export async function embedFiles(
  reads: { readonly files: FileReads },
  config: Kubeconfig,
  entries: { readonly cluster?: string | undefined; readonly user?: string | undefined } = {},
): Promise<Kubeconfig> {
  const read = referenceReader(reads.files, config.path ?? '');
  return {
    ...config,
    clusters: await mapNamed(config.clusters, entries.cluster, (cluster) => embedCluster(cluster, read)),
    users: await mapNamed(config.users, entries.user, (user) => embedUser(user, read)),
  };
}

/** Never returns a part of a file. @throws KubeadmError `kubeconfig-invalid` if the file is larger than the limit */
async function readWhole(files: FileReads, path: string): Promise<Buffer> {
  const bytes = await files.read(path, { maxBytes: maxBytes + 1 });
  if (bytes.length <= maxBytes) return Buffer.from(bytes);
  throw new KubeadmError('kubeconfig-invalid', `${path} is larger than ${maxBytes / 1024 / 1024} MiB`, {
    place: { file: path },
    hint: 'A kubeconfig and the files that it names hold a few kilobytes: is this the file that was meant?',
  });
}

type ReadReference = (field: string, reference: string) => Promise<string>;

function referenceReader(files: FileReads, path: string): ReadReference {
  const folder = path.includes('://') ? '' : directoryOf(path);
  return async (field, reference) => {
    const target = reference.startsWith('/') ? reference : joinPath(folder, reference);
    try {
      return (await readWhole(files, target)).toString('latin1');
    } catch (error) {
      const problem = isNotFound(error) ? `names ${target}, which does not exist` : messageOf(error);
      throw new KubeadmError('kubeconfig-invalid', `${path}: ${field} ${problem}`, {
        cause: error,
        place: { file: path, path: field },
      });
    }
  };
}

function mapNamed<T extends { readonly name: string }>(
  entries: readonly T[],
  name: string | undefined,
  change: (entry: T) => Promise<T>,
): Promise<T[]> {
  return Promise.all(entries.map((entry) => (entry.name === name ? change(entry) : entry)));
}

async function embedCluster(cluster: KubeconfigCluster, read: ReadReference): Promise<KubeconfigCluster> {
  const { certificateAuthority: file, certificateAuthorityData: data, ...rest } = cluster;
  if (file === undefined || data !== undefined) return cluster;
  return { ...rest, certificateAuthorityData: await read('certificate-authority', file) };
}

async function embedUser(user: KubeconfigUser, read: ReadReference): Promise<KubeconfigUser> {
  const { clientCertificate, clientKey, tokenFile, ...rest } = user;
  const embed = (data: string | undefined, field: string, file: string | undefined) =>
    data === undefined && file !== undefined ? read(field, file) : undefined;
  const [certificate, key, token] = await Promise.all([
    embed(user.clientCertificateData, 'client-certificate', clientCertificate),
    embed(user.clientKeyData, 'client-key', clientKey),
    tokenFile === undefined ? undefined : readToken(read('tokenFile', tokenFile), user.token),
  ]);
  return {
    ...rest,
    ...(certificate === undefined ? {} : { clientCertificateData: certificate }),
    ...(certificate === undefined && clientCertificate !== undefined ? { clientCertificate } : {}),
    ...(key === undefined ? {} : { clientKeyData: key }),
    ...(key === undefined && clientKey !== undefined ? { clientKey } : {}),
    ...(token === undefined ? {} : { token: token.trim() }),
  };
}

/** Returns the content of the token file, or the token if the file cannot be read. */
async function readToken(content: Promise<string>, token: string | undefined): Promise<string> {
  return token === undefined ? await content : await content.catch(() => token);
}
