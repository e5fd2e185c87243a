/**
 * External authorities have their certificate on the node and not their key. So the certificates that they sign must
 * exist already (app/phases/certs, UsingExternalCA, UsingExternalFrontProxyCA).
 */
import { isNotFound, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Clock, FileReads } from '../host.ts';
import { type AuthorityName, authoritySpec, leavesOf } from './certificates.ts';
import { chainProblem } from './chain.ts';
import { type CertificateFile, certificatePath, keyPath, readCertificates, readPrivateKey } from './files.ts';
import { warnOutOfBounds } from './validity.ts';

export interface PkiReads {
  readonly files: FileReads;
  readonly clock: Clock;
}

/**
 * Whether the authority is external. Returns false if its certificate is missing, broken or not an authority's. The
 * phase that makes the authority reports these.
 */
export async function isExternal(
  { files }: PkiReads,
  name: AuthorityName,
  directory: string,
): Promise<boolean> {
  const { baseName } = authoritySpec(name);
  const file = await readCertificates(files, certificatePath(directory, baseName)).catch(() => undefined);
  if (file === undefined || !file.certificate.isCA) return false;
  return (await files.stat(keyPath(directory, baseName))) === undefined;
}

/**
 * Whether the authority is external. If it is, checks the key, chain and bounds of each certificate that it signs.
 * @throws KubeadmError `certificate-missing` or `certificate-invalid`, which names all problems
 */
export async function checkExternalAuthority(
  reads: PkiReads,
  {
    name,
    directory,
    emit,
  }: { readonly name: AuthorityName; readonly directory: string; readonly emit: Emit },
): Promise<boolean> {
  if (!(await isExternal(reads, name, directory))) return false;
  const authority = await readCertificates(
    reads.files,
    certificatePath(directory, authoritySpec(name).baseName),
  );
  warnOutOfBounds(reads.clock, authority, emit);
  const problems: string[] = [];
  for (const { baseName } of leavesOf(name)) {
    const problem = await pairProblem(reads, { authority, directory, baseName }, emit);
    if (problem !== undefined) problems.push(problem);
  }
  if (problems.length > 0) throw incomplete(name, authority, problems);
  return true;
}

/**
 * Works as `checkExternalAuthority`, but the authority must exist, because certificates that it signed exist
 * (app/phases/certs/renewal, IsExternallyManaged).
 * @throws KubeadmError `certificate-missing`, `certificate-invalid`
 */
export async function isExternallyManaged(
  reads: PkiReads,
  authority: { readonly name: AuthorityName; readonly directory: string; readonly emit: Emit },
): Promise<boolean> {
  const { name, directory, emit } = authority;
  const path = certificatePath(directory, authoritySpec(name).baseName);
  const file = await readCertificates(reads.files, path).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    throw new KubeadmError('certificate-missing', `the certificate authority is missing: ${path}`, {
      cause: error,
      place: { file: path },
      hint: 'Put it back, from a backup or another control-plane node: nothing of this cluster would trust a new one.',
    });
  });
  warnOutOfBounds(reads.clock, file, emit);
  if (!file.certificate.isCA) {
    const problem = `${path} is not the certificate of an authority (basic constraints: CA false)`;
    throw new KubeadmError('certificate-invalid', problem, { place: { file: path } });
  }
  return await checkExternalAuthority(reads, authority);
}

interface Pair {
  readonly authority: CertificateFile;
  readonly directory: string;
  readonly baseName: string;
}

async function pairProblem({ files, clock }: PkiReads, pair: Pair, emit: Emit): Promise<string | undefined> {
  const { authority, directory, baseName } = pair;
  try {
    await readPrivateKey(files, keyPath(directory, baseName));
    const file = await readCertificates(files, certificatePath(directory, baseName));
    warnOutOfBounds(clock, file, emit);
    const problem = chainProblem(file, authority.certificate, clock.now());
    return problem === undefined
      ? undefined
      : `${file.path} does not lead to ${authority.path}: it ${problem}`;
  } catch (error) {
    return messageOf(error);
  }
}

function incomplete(
  name: AuthorityName,
  authority: CertificateFile,
  problems: readonly string[],
): KubeadmError {
  const what = name === 'ca' ? 'external CA' : `external ${name}`;
  return new KubeadmError('certificate-invalid', `invalid or incomplete ${what}: ${problems.join('; ')}`, {
    place: { file: authority.path },
    details: { authority: name, problems },
    hint:
      `${authority.path} is there without its key, so kubeadm cannot sign: put the certificates named above ` +
      'there with their keys, or put the key of the authority there.',
  });
}
