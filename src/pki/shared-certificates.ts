import type { ClusterConfiguration } from '../config/hub.ts';
import { messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Clock, FileReads } from '../host.ts';
import { certificates, isForEtcd, serviceAccountBaseName } from './certificates.ts';
import {
  belongsTo,
  certificatePath,
  keyPath,
  publicKeyPath,
  readCertificates,
  readPrivateKey,
} from './files.ts';
import { warnOutOfBounds } from './validity.ts';

interface Reads {
  readonly files: FileReads;
  readonly clock: Clock;
}

/**
 * Returns the problems of the files that all control planes share and that must exist before a further one joins: the
 * certificates of the authorities, and the pair that signs service account tokens. The key of an authority may be missing.
 * Source: phases/certs SharedCertificateExists.
 */
export async function sharedCertificateProblems(
  host: Reads,
  { certificatesDir, etcd }: ClusterConfiguration,
  emit: Emit,
): Promise<readonly string[]> {
  const authorities = certificates.filter(
    (spec) => spec.kind === 'authority' && !(etcd.external !== undefined && isForEtcd(spec)),
  );
  const problems: string[] = [];
  for (const { baseName } of authorities) {
    problems.push(...(await problemsOf(() => checkAuthority(host, { certificatesDir, baseName }, emit))));
  }
  problems.push(
    ...(await problemsOf(async () => {
      await readPrivateKey(host.files, keyPath(certificatesDir, serviceAccountBaseName));
      await host.files.read(publicKeyPath(certificatesDir, serviceAccountBaseName));
    })),
  );
  return problems;
}

async function problemsOf(check: () => Promise<void>): Promise<readonly string[]> {
  try {
    await check();
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

async function checkAuthority(
  { clock, files }: Reads,
  { baseName, certificatesDir }: { readonly certificatesDir: string; readonly baseName: string },
  emit: Emit,
): Promise<void> {
  const file = await readCertificates(files, certificatePath(certificatesDir, baseName));
  if (!file.certificate.isCA) throw new Error(`${file.path} is not the certificate of an authority`);
  warnOutOfBounds(clock, file, emit);
  const path = keyPath(certificatesDir, baseName);
  if ((await files.stat(path)) === undefined) {
    const message = `${path} is missing, so the authority counts as external: kubeadm cannot sign with it`;
    emit({ type: 'detail', verbosity: 1, topic: 'preflight', message });
    return;
  }
  if (!belongsTo(await readPrivateKey(files, path), file.certificate))
    throw new Error(`${path} is not the key of ${file.path}`);
}
