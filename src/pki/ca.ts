import type { KeyObject } from 'node:crypto';
import type { ClusterConfiguration } from '../config/hub.ts';
import { isNotFound, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Clock, FileReads, Host } from '../host.ts';
import type { AuthoritySpec } from './certificates.ts';
import {
  belongsTo,
  type CertificateFile,
  certificatePath,
  keyPath,
  pairExists,
  readCertificates,
  readPrivateKey,
  writePair,
} from './files.ts';
import { halfPairKeys } from './half-pair.ts';
import { issueAuthority, type PkiInput } from './issue.ts';
import { warnReadableKey } from './key-mode.ts';
import { warnOutOfBounds } from './validity.ts';
import type { Authority } from './x509.ts';

/**
 * Uses the existing authority, with or without its key, or makes a new one. A broken file is never replaced
 * (app/cmd/phases/init/certs.go, runCAPhase).
 * @throws KubeadmError `certificate-missing`, `certificate-invalid`
 */
export async function ensureAuthority(
  host: Host,
  input: PkiInput,
  spec: AuthoritySpec,
  emit: Emit,
): Promise<void> {
  const directory = input.cluster.certificatesDir;
  const path = certificatePath(directory, spec.baseName);
  const existing = await readCertificates(host.files, path).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw unusable(spec, path, error);
  });
  if (existing !== undefined)
    return keepAuthority(host, { cluster: input.cluster, spec, directory, existing }, emit);
  const keys = await halfPairKeys(host.files, input, spec.baseName);
  if (keys === undefined && (await pairExists(host.files, directory, spec.baseName)))
    throw keyWithoutCertificate(directory, spec.baseName);
  const issued = await issueAuthority(keys === undefined ? host : { ...host, keys }, input, spec);
  await writePair(host.files, { directory, baseName: spec.baseName }, issued);
  emit({ type: 'certificate-generated', name: spec.baseName, key: 'pair' });
}

interface ExistingAuthority {
  readonly cluster: ClusterConfiguration;
  readonly spec: AuthoritySpec;
  readonly directory: string;
  readonly existing: CertificateFile;
}

async function keepAuthority(host: Host, authority: ExistingAuthority, emit: Emit): Promise<void> {
  const { cluster, spec, directory, existing } = authority;
  warnOutOfBounds(host.clock, existing, emit);
  const path = keyPath(directory, spec.baseName);
  await warnReadableKey(host.files, { cluster, path }, emit);
  const key = await readPrivateKey(host.files, path).catch((error: unknown) => {
    if (!isNotFound(error)) warnUnusableKey(messageOf(error), emit);
    return undefined;
  });
  if (key !== undefined) {
    if (!belongsTo(key, existing.certificate))
      warnUnusableKey(`${path} is not the key of ${existing.path}`, emit);
  }
  emit({ type: 'certificate-existing', name: spec.baseName, kind: key === undefined ? 'keyless-ca' : 'ca' });
}

function warnUnusableKey(problem: string, emit: Emit): void {
  emit({ type: 'warning', code: 'certificate-key-unusable', message: `nothing can be signed: ${problem}` });
}

/**
 * Loads the authority with its key, ready to sign (app/phases/certs, LoadCertificateAuthority).
 * @throws KubeadmError `certificate-missing`, `certificate-invalid`
 */
export async function loadAuthority(
  { files, clock }: { readonly files: FileReads; readonly clock: Clock },
  { spec, directory }: { readonly spec: AuthoritySpec; readonly directory: string },
  emit: Emit,
): Promise<Authority> {
  const file = await loadAuthorityCertificate(files, spec, directory);
  warnOutOfBounds(clock, file, emit);
  const path = keyPath(directory, spec.baseName);
  const key: KeyObject = await readPrivateKey(files, path).catch((error: unknown) => {
    if (isNotFound(error))
      throw missing(`the key of the certificate authority is missing: ${path}`, spec, error);
    throw unusable(spec, path, error);
  });
  const problem = file.certificate.isCA
    ? belongsTo(key, file.certificate)
      ? undefined
      : `${path} is not the key of ${file.path}`
    : `${file.path} is not the certificate of an authority (basic constraints: CA false)`;
  if (problem !== undefined) {
    throw new KubeadmError('certificate-invalid', problem, {
      place: { file: file.path },
      hint: recreate(spec),
    });
  }
  return { certificate: file.certificate, key };
}

/** Loads the certificate without its key. @throws KubeadmError `certificate-missing`, `certificate-invalid` */
export async function loadAuthorityCertificate(
  files: FileReads,
  spec: AuthoritySpec,
  directory: string,
): Promise<CertificateFile> {
  const path = certificatePath(directory, spec.baseName);
  return readCertificates(files, path).catch((error: unknown) => {
    if (isNotFound(error)) throw missing(`the certificate authority is missing: ${path}`, spec, error);
    throw unusable(spec, path, error);
  });
}

/** The error for a key without its certificate. The key may be the rest of a lost pair, so it is never overwritten. */
export function keyWithoutCertificate(directory: string, baseName: string): KubeadmError {
  const path = certificatePath(directory, baseName);
  return new KubeadmError(
    'certificate-missing',
    `${keyPath(directory, baseName)} is there, but its certificate ${path} is not`,
    {
      place: { file: path },
      hint: `Put ${path} back, from a backup or another control-plane node. Only if no cluster uses the key, remove it to have both made anew.`,
    },
  );
}

function missing(message: string, spec: AuthoritySpec, cause: unknown): KubeadmError {
  const hint = `Put it there, from a backup or another control-plane node. Only for a new cluster, run \`kubeadm init phase certs ${spec.name}\` to make a new authority.`;
  return new KubeadmError('certificate-missing', message, { cause, hint });
}

function unusable(spec: AuthoritySpec, path: string, cause: unknown): KubeadmError {
  const message = `the certificate authority ${spec.name} cannot be used: ${messageOf(cause)}`;
  const own = cause instanceof KubeadmError ? cause.hint : undefined;
  return new KubeadmError('certificate-invalid', message, {
    cause,
    place: { file: path },
    hint: own ?? recreate(spec),
  });
}

function recreate(spec: AuthoritySpec): string {
  return (
    'Replace it by a good file, from a backup or another control-plane node. Only if no cluster uses it, remove ' +
    `${spec.baseName}.crt and ${spec.baseName}.key and run \`kubeadm init phase certs ${spec.name}\`; whatever the ` +
    'old authority signed must then be made anew too.'
  );
}
