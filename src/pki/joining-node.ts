/**
 * The certificates of a node that joins a cluster as a control plane. Its authorities must be those of the cluster, and
 * given certificates are checked more strictly than by `init`. Source: app/phases/certs, CreatePKIAssets.
 */
import { ifExists, isNotFound, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { ensureAuthority, keyWithoutCertificate } from './ca.ts';
import {
  type AuthoritySpec,
  certificates,
  isForEtcd,
  type LeafSpec,
  leavesOf,
  serviceAccountBaseName,
} from './certificates.ts';
import { chainProblem } from './chain.ts';
import {
  belongsTo,
  type CertificateFile,
  certificatePath,
  keyPath,
  pairExists,
  readCertificates,
  readPrivateKey,
} from './files.ts';
import { halfPairKeys } from './half-pair.ts';
import type { PkiInput } from './issue.ts';
import { warnReadableKey } from './key-mode.ts';
import { makeLeaf } from './leaf.ts';
import { missingNames } from './missing-names.ts';
import { ensureServiceAccountKey } from './sa.ts';
import { warnOutOfBounds } from './validity.ts';

export interface JoiningPki {
  readonly input: PkiInput;
  /** Whether missing authorities are made. Only a dry run that has no cluster may do this. */
  readonly newAuthorities: boolean;
  readonly emit: Emit;
}

/**
 * Checks the authorities, and each certificate that exists: its key, the chain to its authority, and all names. Makes the
 * missing certificates. Nothing is written before all files are checked. If the key of an authority is not on this node,
 * all certificates that it signs must exist.
 *
 * @throws KubeadmError `certificate-missing` with all shared files that are missing, `certificate-invalid` with all other
 *   problems
 */
export async function ensureJoiningCertificates(host: Host, joining: JoiningPki): Promise<void> {
  const { emit, input, newAuthorities } = joining;
  const directory = input.cluster.certificatesDir;
  const plans = await Promise.all(authoritiesOf(input).map((spec) => planOf(host, joining, spec)));
  if (!newAuthorities) await refuseMissing(host, input, plans);
  const problems = plans.flatMap((plan) => plan.problems);
  if (problems.length > 0) {
    const message = `the certificates in ${directory} do not fit this control plane: ${problems.join('; ')}`;
    throw new KubeadmError('certificate-invalid', message, {
      details: { problems },
      hint: 'Remove the files named above so that kubeadm makes new ones, or replace them by good ones.',
    });
  }
  for (const { isMissing, made, spec } of plans) {
    if (isMissing) await ensureAuthority(host, input, spec, emit);
    for (const leaf of leavesOf(spec.name)) {
      if (made.includes(leaf)) await makeLeaf(host, input, leaf, emit);
      else emit({ type: 'certificate-existing', name: leaf.baseName, kind: 'leaf' });
    }
  }
  emit({ type: 'certificates-complete', directory });
  await ensureServiceAccountKey(host, input, emit);
}

function authoritiesOf({ cluster }: PkiInput): readonly AuthoritySpec[] {
  return certificates
    .filter((spec) => spec.kind === 'authority')
    .filter((spec) => cluster.etcd.external === undefined || !isForEtcd(spec));
}

interface Plan {
  readonly spec: AuthoritySpec;
  readonly isMissing: boolean;
  /** The certificates that do not exist and will be made. */
  readonly made: readonly LeafSpec[];
  readonly problems: readonly string[];
}

async function planOf(host: Host, joining: JoiningPki, spec: AuthoritySpec): Promise<Plan> {
  const leaves = leavesOf(spec.name);
  try {
    const authority = await readAuthority(host, joining, spec);
    if (authority === undefined) return { spec, isMissing: true, made: leaves, problems: [] };
    const made: LeafSpec[] = [];
    const problems: string[] = [];
    for (const leaf of leaves) {
      const state = await leafState(host, joining, { leaf, authority });
      if (state === 'missing') made.push(leaf);
      else if (state !== 'good') problems.push(state.problem);
    }
    return { spec, isMissing: false, made, problems };
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    return { spec, isMissing: false, made: [], problems: [messageOf(error)] };
  }
}

interface Authority {
  readonly file: CertificateFile;
  /** Whether its key is on this node and can sign. */
  readonly signs: boolean;
}

/** Returns undefined if neither its certificate nor its key exists. @throws KubeadmError */
async function readAuthority(
  { clock, files }: Host,
  { emit, input }: JoiningPki,
  spec: AuthoritySpec,
): Promise<Authority | undefined> {
  const { cluster } = input;
  const directory = cluster.certificatesDir;
  const file = await readCertificates(files, certificatePath(directory, spec.baseName)).catch(
    async (error: unknown) => {
      if (!isNotFound(error)) throw error;
      if (await pairExists(files, directory, spec.baseName))
        throw keyWithoutCertificate(directory, spec.baseName);
      return undefined;
    },
  );
  if (file === undefined) return undefined;
  if (!file.certificate.isCA) {
    const message = `${file.path} is not the certificate of an authority (basic constraints: CA false)`;
    throw new KubeadmError('certificate-invalid', message);
  }
  warnOutOfBounds(clock, file, emit);
  const path = keyPath(directory, spec.baseName);
  await warnReadableKey(files, { cluster, path }, emit);
  const key = await ifExists(readPrivateKey(files, path));
  if (key !== undefined && !belongsTo(key, file.certificate))
    throw new KubeadmError('certificate-invalid', `${path} is not the key of ${file.path}`);
  return { file, signs: key !== undefined };
}

type LeafState = 'good' | 'missing' | { readonly problem: string };

async function leafState(
  host: Host,
  { emit, input }: JoiningPki,
  { authority, leaf }: { readonly authority: Authority; readonly leaf: LeafSpec },
): Promise<LeafState> {
  const { cluster } = input;
  const directory = cluster.certificatesDir;
  const path = certificatePath(directory, leaf.baseName);
  const existing = await ifExists(readCertificates(host.files, path));
  if (existing === undefined) return await missingState(host, input, { authority, leaf });
  const keyFile = keyPath(directory, leaf.baseName);
  await warnReadableKey(host.files, { cluster, path: keyFile }, emit);
  warnOutOfBounds(host.clock, existing, emit);
  const key = await readPrivateKey(host.files, keyFile);
  if (!belongsTo(key, existing.certificate))
    return { problem: `${keyFile} is not the key of ${existing.path}` };
  const chain = chainProblem(existing, authority.file.certificate, host.clock.now());
  if (chain !== undefined)
    return { problem: `${existing.path} does not lead to the authority ${authority.file.path}: it ${chain}` };
  const missing = missingNames(existing.certificate, leaf.names?.(input) ?? { dnsNames: [], ips: [] });
  if (missing.length === 0) return 'good';
  const problem = `${existing.path} is not valid for ${missing.join(', ')}`;
  if (authority.signs) return { problem };
  // Upstream does not look at the names here, because whoever has the key of the authority chose them.
  emit({ type: 'warning', code: 'certificate-names-missing', message: problem });
  return 'good';
}

async function missingState(
  { files }: Host,
  input: PkiInput,
  { authority, leaf }: { readonly authority: Authority; readonly leaf: LeafSpec },
): Promise<LeafState> {
  const directory = input.cluster.certificatesDir;
  const path = certificatePath(directory, leaf.baseName);
  if (!authority.signs) {
    return {
      problem: `${path} is missing, and the key of ${authority.file.path} is not on this node to sign it`,
    };
  }
  if ((await halfPairKeys(files, input, leaf.baseName)) !== undefined) return 'missing';
  return (await pairExists(files, directory, leaf.baseName))
    ? { problem: keyWithoutCertificate(directory, leaf.baseName).message }
    : 'missing';
}

/** A new authority would split the cluster: no other node would trust what it signs. */
async function refuseMissing({ files }: Host, input: PkiInput, plans: readonly Plan[]): Promise<void> {
  const directory = input.cluster.certificatesDir;
  const serviceAccountKey = keyPath(directory, serviceAccountBaseName);
  const missing = [
    ...plans
      .filter(({ isMissing }) => isMissing)
      .map(({ spec }) => certificatePath(directory, spec.baseName)),
    ...((await files.stat(serviceAccountKey)) === undefined ? [serviceAccountKey] : []),
  ];
  if (missing.length === 0) return;
  const message = `files that all control planes of the cluster share are not on this node: ${missing.join(', ')}`;
  throw new KubeadmError('certificate-missing', message, {
    details: { missing },
    hint:
      'Join with --certificate-key, which "kubeadm init phase upload-certs --upload-certs" prints on a control plane, ' +
      'or copy them from a control plane.',
  });
}
