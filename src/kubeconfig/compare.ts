import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { FileReads } from '../host.ts';
import { redact } from '../lib/redact.ts';
import { parseCertificates } from '../pki/files.ts';
import type { Certificate } from '../pki/read-certificate.ts';
import { currentClusterOf } from './current.ts';
import type { KubeconfigCluster } from './kubeconfig.ts';
import { loadKubeconfig } from './load.ts';

export interface ExpectedKubeconfig {
  /** The file must trust one of these certificates. */
  readonly authorities: readonly Certificate[];
  readonly server: string;
}

/**
 * Refuses a kubeconfig if its first CA certificate is not one of the authorities. Another server is only a warning.
 * Client certificates are not checked. Source: app/phases/kubeconfig, validateKubeConfig.
 *
 * @throws FileError if the file cannot be read; KubeadmError `kubeconfig-invalid`
 */
export async function checkExistingKubeconfig(
  reads: { readonly files: FileReads },
  { path, expected }: { readonly path: string; readonly expected: ExpectedKubeconfig },
  emit: Emit,
): Promise<void> {
  const cluster = currentClusterOf(await loadKubeconfig(reads, path), path);
  const trusted = trustedCertificates(cluster, path);
  const [first] = trusted;
  if (!expected.authorities.some(({ der }) => Buffer.compare(der, first.der) === 0)) {
    throw new KubeadmError(
      'kubeconfig-invalid',
      `${path} is there, but does not contain a trusted CA: the first of ${trusted.length} certificates that the ` +
        "cluster of its current context trusts is not this cluster's authority",
      {
        place: { file: path },
        hint: 'Remove it so that kubeadm makes a new one, or put the authority that it trusts into the certificates directory.',
      },
    );
  }
  if (cluster.server !== expected.server) {
    const message = `${path} is there and names the API server ${redact(cluster.server)}; ${expected.server} was expected`;
    emit({ type: 'warning', code: 'kubeconfig-server-differs', message });
  }
}

function trustedCertificates(
  cluster: KubeconfigCluster,
  path: string,
): readonly [Certificate, ...Certificate[]] {
  try {
    const file = parseCertificates(cluster.certificateAuthorityData ?? '', 'the CA data');
    return [file.certificate, ...file.intermediates];
  } catch (error) {
    throw unusable(
      path,
      `the CA certificate of cluster "${cluster.name}" cannot be used: ${messageOf(error)}`,
    );
  }
}

function unusable(path: string, problem: string): KubeadmError {
  const hint = 'Repair it, or remove it so that kubeadm makes a new one.';
  return new KubeadmError('kubeconfig-invalid', `${path}: ${problem}`, { place: { file: path }, hint });
}
