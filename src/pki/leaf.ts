import { isNotFound, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { keyWithoutCertificate, loadAuthority, loadAuthorityCertificate } from './ca.ts';
import { authoritySpec, type LeafSpec } from './certificates.ts';
import { chainProblem } from './chain.ts';
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
import { issueLeaf, type PkiInput } from './issue.ts';
import { warnReadableKey } from './key-mode.ts';
import type { SubjectAltNames } from './sans.ts';
import { warnOutOfBounds } from './validity.ts';

const noNames: SubjectAltNames = { dnsNames: [], ips: [], ignored: [] };

/**
 * Uses the existing certificate if its authority signed it, whatever its key and names are. Otherwise makes a new
 * pair. A broken file is never replaced (app/cmd/phases/init/certs.go, runCertPhase).
 * @throws KubeadmError `certificate-missing`, `certificate-invalid`
 */
export async function ensureLeaf(host: Host, input: PkiInput, spec: LeafSpec, emit: Emit): Promise<void> {
  const directory = input.cluster.certificatesDir;
  const path = certificatePath(directory, spec.baseName);
  const existing = await readCertificates(host.files, path).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw unusable(spec, path, error);
  });
  if (existing !== undefined) {
    await warnReadableKey(
      host.files,
      { cluster: input.cluster, path: keyPath(directory, spec.baseName) },
      emit,
    );
    return keepLeaf(host, { spec, directory, existing }, emit);
  }
  await makeLeaf(host, input, spec, emit);
}

interface ExistingLeaf {
  readonly spec: LeafSpec;
  readonly directory: string;
  readonly existing: CertificateFile;
}

async function keepLeaf(host: Host, { spec, directory, existing }: ExistingLeaf, emit: Emit): Promise<void> {
  warnOutOfBounds(host.clock, existing, emit);
  const authority = await loadAuthorityCertificate(host.files, authoritySpec(spec.authority), directory);
  warnOutOfBounds(host.clock, authority, emit);
  const problem = chainProblem(existing, authority.certificate, host.clock.now());
  if (problem !== undefined) {
    throw new KubeadmError(
      'certificate-invalid',
      `the certificate ${existing.path} does not lead to the authority ${authority.path}: it ${problem}`,
      { place: { file: existing.path }, hint: recreate(spec) },
    );
  }
  const keyProblem = await keyProblemOf(host, directory, { spec, existing });
  if (keyProblem !== undefined)
    emit({ type: 'warning', code: 'certificate-key-unusable', message: keyProblem });
  emit({ type: 'certificate-existing', name: spec.baseName, kind: 'leaf' });
}

async function keyProblemOf(
  { files }: Host,
  directory: string,
  { spec, existing }: Pick<ExistingLeaf, 'spec' | 'existing'>,
): Promise<string | undefined> {
  const path = keyPath(directory, spec.baseName);
  try {
    const key = await readPrivateKey(files, path);
    return belongsTo(key, existing.certificate) ? undefined : `${path} is not the key of ${existing.path}`;
  } catch (error) {
    return `the certificate ${existing.path} is kept, but its key cannot be used: ${messageOf(error)}`;
  }
}

/**
 * Makes a pair, or the certificate of a key that a run which was cut off has left.
 * @throws KubeadmError `certificate-missing`, `certificate-invalid`
 */
export async function makeLeaf(host: Host, input: PkiInput, spec: LeafSpec, emit: Emit): Promise<void> {
  const directory = input.cluster.certificatesDir;
  const authority = await loadAuthority(host, { spec: authoritySpec(spec.authority), directory }, emit);
  const keys = await halfPairKeys(host.files, input, spec.baseName);
  if (keys === undefined && (await pairExists(host.files, directory, spec.baseName)))
    throw keyWithoutCertificate(directory, spec.baseName);
  const names = spec.names?.(input) ?? noNames;
  for (const name of names.ignored) {
    const message = `"${name}" is left out of the names of certificate ${spec.name}: neither an address nor a DNS name`;
    emit({ type: 'warning', code: 'certificate-name-ignored', message });
  }
  const issued = await issueLeaf(keys === undefined ? host : { ...host, keys }, {
    input,
    spec,
    names,
    authority,
  });
  await writePair(host.files, { directory, baseName: spec.baseName }, issued);
  emit({ type: 'certificate-generated', name: spec.baseName, key: 'pair' });
  if (spec.usages.includes('server')) {
    emit({ type: 'certificate-signed-for', name: spec.baseName, dns: names.dnsNames, ips: names.ips });
  }
}

function unusable(spec: LeafSpec, path: string, cause: unknown): KubeadmError {
  const message = `the certificate ${spec.name} cannot be used: ${messageOf(cause)}`;
  return new KubeadmError('certificate-invalid', message, {
    cause,
    place: { file: path },
    hint: recreate(spec),
  });
}

function recreate(spec: LeafSpec): string {
  return `Remove ${spec.baseName}.crt and ${spec.baseName}.key and run \`kubeadm init phase certs ${spec.name}\`.`;
}
