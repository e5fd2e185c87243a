import { isNotFound, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import { joinPath } from '../lib/join-path.ts';
import { authoritySpec } from '../pki/certificates.ts';
import type { PkiReads } from '../pki/external-ca.ts';
import { certificatePath, readCertificates } from '../pki/files.ts';
import type { NodeConfig } from '../pki/sans.ts';
import { checkExistingKubeconfig } from './compare.ts';
import { type KubeconfigSpec, serverOf } from './table.ts';

export interface ExternalKubeconfigs extends NodeConfig {
  readonly kubeconfigDir: string;
  /** The files that must exist. */
  readonly specs: readonly KubeconfigSpec[];
  readonly emit: Emit;
}

/**
 * Checks that each kubeconfig exists and trusts one of the certificates in ca.crt. With an external CA kubeadm cannot sign
 * client certificates, so it cannot make these files. Source: app/phases/kubeconfig, ValidateKubeconfigsForExternalCA.
 *
 * @throws KubeadmError `kubeconfig-invalid` with all problems; FileError if ca.crt cannot be read
 */
export async function checkExternalKubeconfigs(
  reads: PkiReads,
  { emit, kubeconfigDir, specs, ...config }: ExternalKubeconfigs,
): Promise<void> {
  const caPath = certificatePath(config.cluster.certificatesDir, authoritySpec('ca').baseName);
  const ca = await readCertificates(reads.files, caPath);
  const authorities = [ca.certificate, ...ca.intermediates];
  const problems: string[] = [];
  for (const spec of specs) {
    const path = joinPath(kubeconfigDir, spec.file);
    const expected = { authorities, server: serverOf(spec.serverElsewhere, config) };
    try {
      await checkExistingKubeconfig(reads, { path, expected }, emit);
    } catch (error) {
      problems.push(isNotFound(error) ? `${path} is missing` : messageOf(error));
    }
  }
  if (problems.length === 0) return;
  throw new KubeadmError('kubeconfig-invalid', `invalid or incomplete external CA: ${problems.join('; ')}`, {
    details: { problems },
    hint:
      `${caPath} is there without its key, so kubeadm cannot make kubeconfig files: put them there ` +
      '(`kubeadm certs generate-csr` makes keys and signing requests), or put the key of the CA there.',
  });
}
