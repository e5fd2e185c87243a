/**
 * Downloads the CAs and the service account key from Secret kube-system/kubeadm-certs to a node that becomes a control
 * plane. Source: phases/copycerts/copycerts.go, DownloadCerts.
 */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import type { ClusterConfiguration } from '../config/hub.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { FileContent, FileWrites } from '../host.ts';
import { at, isRecord } from '../lib/is-record.ts';
import { certsSecret } from '../names.ts';
import { parsePem } from '../pki/pem.ts';
import { privateKeyOf } from '../pki/private-key.ts';
import { hasReason, isPermanent, type RetryPolicy, retryApiCall } from './apply.ts';
import { filesToShare, unseal } from './upload-certs.ts';

const secret = `Secret kube-system/${certsSecret}`;
const uploadAgain =
  'Run "kubeadm init phase upload-certs --upload-certs" on a control plane, and join with the certificate key that it prints.';
/** How long a refusal is retried, because the server applies a new role with a delay. */
const forbiddenMs = 2000;
const publicTypes: ReadonlySet<string> = new Set(['CERTIFICATE', 'PUBLIC KEY', 'RSA PUBLIC KEY']);

export interface DownloadCertsOptions {
  readonly cluster: ClusterConfiguration;
  /** 64 hexadecimal digits. It is a secret. */
  readonly certificateKey: string;
  readonly policy: RetryPolicy;
  readonly emit: Emit;
}

/**
 * Writes all files of the Secret, or none. Files that exist are replaced. Empty values are skipped: their files did not
 * exist on the control plane that uploaded the Secret.
 *
 * @param client may read the Secret, as bootstrap tokens may
 * @throws KubeadmError `certificate-missing` without the Secret or one of its keys; `certificate-invalid` if the
 *   certificate key is wrong; `kube-api`, `timeout`; FileError
 */
export async function downloadCertificates(
  files: Pick<FileWrites, 'writeAll'>,
  client: KubeClient,
  { certificateKey, cluster, emit, policy }: DownloadCertsOptions,
): Promise<void> {
  const topic = 'download-certs';
  const downloading = `Downloading the certificates in Secret "${certsSecret}" in the "kube-system" Namespace`;
  emit({ type: 'progress', topic, message: downloading });
  const opened = unsealAll(await readSealed(client, policy), certificateKey);
  const contents = Object.entries(filesToShare(cluster)).flatMap(([key, path]) => {
    const data = opened.get(key);
    if (data === undefined) {
      throw new KubeadmError(
        'certificate-missing',
        `${secret} does not have the key ${key}, which ${path || 'a control plane'} needs`,
        {
          hint: `The Secret may be of a cluster with another kind of etcd. ${uploadAgain}`,
        },
      );
    }
    return data.length === 0 || path === '' ? [] : fileOf(key, path, data);
  });
  const saving = `Saving the certificates to the folder: "${cluster.certificatesDir}"`;
  emit({ type: 'progress', topic, message: saving });
  await files.writeAll(contents);
}

/** Returns the encrypted values by key. Empty values are empty. */
async function readSealed(client: KubeClient, policy: RetryPolicy): Promise<ReadonlyMap<string, Uint8Array>> {
  const { clock, signal } = policy;
  const ref = { apiVersion: 'v1', kind: 'Secret', name: certsSecret, namespace: 'kube-system' };
  const start = clock.monotonic();
  const giveUp = (error: unknown): boolean =>
    isPermanent(error) ||
    hasReason(error, 'NotFound') ||
    hasReason(error, 'Unauthorized') ||
    (hasReason(error, 'Forbidden') && clock.monotonic() - start >= forbiddenMs);
  const found = await retryApiCall(
    `${secret} to be read`,
    policy,
    () => client.get(ref, { signal }),
    giveUp,
  ).catch((error: unknown) => {
    throw explained(error);
  });
  const data = at(found, 'data');
  const bytesOf = (value: unknown) => Buffer.from(typeof value === 'string' ? value : '', 'base64');
  return new Map(
    Object.entries(isRecord(data) ? data : {}).map(([key, value]) => [key, bytesOf(value)] as const),
  );
}

function explained(error: unknown): unknown {
  if (hasReason(error, 'NotFound')) {
    const message = `${secret} was not found: the certificates were not uploaded, or they have expired two hours after that`;
    return new KubeadmError('certificate-missing', message, { cause: error, hint: uploadAgain });
  }
  if (hasReason(error, 'Unauthorized') || hasReason(error, 'Forbidden')) {
    const message = `the cluster does not let this node read ${secret}: ${messageOf(error)}`;
    return new KubeadmError('kube-api', message, {
      cause: error,
      hint: 'The bootstrap token may have expired. Make a new one on a control plane with "kubeadm token create", and upload the certificates again with "kubeadm init phase upload-certs --upload-certs".',
    });
  }
  return error;
}

/** @throws KubeadmError `certificate-invalid` if one value cannot be decrypted */
function unsealAll(
  sealed: ReadonlyMap<string, Uint8Array>,
  certificateKey: string,
): ReadonlyMap<string, Uint8Array> {
  const failures: string[] = [];
  let failure: unknown;
  const entries = [...sealed].map(([key, bytes]) => {
    try {
      return [key, bytes.length === 0 ? bytes : unseal(bytes, certificateKey)] as const;
    } catch (error) {
      if (!(error instanceof KubeadmError) || error.code !== 'certificate-invalid') throw error;
      failures.push(key);
      failure = error;
      return [key, new Uint8Array()] as const;
    }
  });
  if (failures.length === 0) return new Map(entries);
  const filled = [...sealed.values()].filter(({ length }) => length > 0).length;
  const message =
    failures.length === filled
      ? `the certificate key is not the one with which the certificates in ${secret} were encrypted`
      : `${secret} is damaged: ${failures.join(', ')} cannot be decrypted with the certificate key, and the other values can`;
  throw new KubeadmError('certificate-invalid', message, {
    cause: failure,
    hint: `Each upload has its own key, and only that of the last one is good. ${uploadAgain}`,
  });
}

/** Private keys can be read by their owner only. Certificates and public keys can be read by all users, as upstream. */
function fileOf(key: string, path: string, data: Uint8Array): FileContent {
  const blocks = parsePem(Buffer.from(data).toString('latin1'));
  const options = { directoryMode: 0o755 };
  if (blocks.some((block) => privateKeyOf(block) !== undefined))
    return { path, data, options: { ...options, mode: 0o600 } };
  if (blocks.some(({ type }) => publicTypes.has(type)))
    return { path, data, options: { ...options, mode: 0o644 } };
  throw new KubeadmError(
    'certificate-invalid',
    `the value ${key} of ${secret} is neither a certificate nor a key`,
    {
      hint: uploadAgain,
    },
  );
}
