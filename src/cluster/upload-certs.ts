/** Uploads the CAs and the service account key to Secret kube-system/kubeadm-certs, for other control planes. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import type { ClusterConfiguration } from '../config/hub.ts';
import { isNotFound, KubeadmError } from '../errors.ts';
import type { FileReads, Random } from '../host.ts';
import { joinPath } from '../lib/join-path.ts';
import { certsSecret } from '../names.ts';
import { createOrUpdate, type RetryPolicy } from './apply.ts';
import { kubeadmCerts } from './rbac.ts';
import { tokenSecret } from './tokens.ts';

const nonceBytes = 12;
const tagBytes = 16;
/** After two hours the owner Secret expires, and Kubernetes deletes the certificates with it. */
const lifeMs = 2 * 60 * 60 * 1000;

interface Ports {
  readonly files: Pick<FileReads, 'read'>;
  readonly random: Random;
}

export interface UploadCertsOptions {
  readonly cluster: ClusterConfiguration;
  /** 64 hexadecimal digits. It is a secret. */
  readonly certificateKey: string;
  /** A bootstrap token whose Secret owns the Secret of the certificates. It is a secret. */
  readonly uploadToken: string;
  readonly now: Date;
  readonly policy: RetryPolicy;
}

/**
 * Encrypts the certificates and stores them, with the objects that they need. A missing file gives an empty value.
 * Source: phases/copycerts/copycerts.go.
 */
export async function uploadCertificates(
  ports: Ports,
  client: KubeClient,
  options: UploadCertsOptions,
): Promise<void> {
  const { certificateKey, cluster, now, policy, uploadToken } = options;
  const data = await sealFiles(ports, filesToShare(cluster), certificateKey);
  const token = {
    token: uploadToken,
    description: 'Proxy for managing TTL for the kubeadm-certs secret',
    ttl: lifeMs,
    usages: [],
    groups: [],
  };
  const owner = await createOrUpdate(client, tokenSecret(token, now), policy);
  await createOrUpdate(client, certificatesSecret(owner, data), policy);
  for (const object of kubeadmCerts) await createOrUpdate(client, object, policy);
}

/** Maps keys of the Secret to paths of files. */
export function filesToShare(cluster: ClusterConfiguration): Readonly<Record<string, string>> {
  const pathOf = (name: string): string => joinPath(cluster.certificatesDir, name);
  const names = ['ca.crt', 'ca.key', 'front-proxy-ca.crt', 'front-proxy-ca.key', 'sa.pub', 'sa.key'];
  const { external } = cluster.etcd;
  const etcd =
    external === undefined
      ? { 'etcd-ca.crt': pathOf('etcd/ca.crt'), 'etcd-ca.key': pathOf('etcd/ca.key') }
      : {
          'external-etcd-ca.crt': external.caFile,
          'external-etcd.crt': external.certFile,
          'external-etcd.key': external.keyFile,
        };
  return { ...Object.fromEntries(names.map((name) => [name, pathOf(name)])), ...etcd };
}

async function sealFiles(
  { files, random }: Ports,
  paths: Readonly<Record<string, string>>,
  certificateKey: string,
): Promise<Readonly<Record<string, string | null>>> {
  const sealOne = async (path: string): Promise<string | null> => {
    try {
      if (path === '') return null;
      const sealed = seal(await files.read(path), certificateKey, random);
      return Buffer.from(sealed).toString('base64');
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  };
  const entries = Object.entries(paths).map(async ([key, path]) => [key, await sealOne(path)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

function certificatesSecret(owner: KubeObject, data: Readonly<Record<string, string | null>>): KubeObject {
  const ownerReferences = [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      name: owner.metadata.name,
      uid: owner.metadata.uid ?? '',
      controller: true,
      blockOwnerDeletion: true,
    },
  ];
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: certsSecret, namespace: 'kube-system', ownerReferences },
    data,
  };
}

/** Encrypts with AES-256-GCM. Returns a random nonce of 12 bytes, the ciphertext, and the tag of 16 bytes. */
export function seal(plain: Uint8Array, certificateKey: string, random: Random): Uint8Array {
  const nonce = random.bytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyBytes(certificateKey), nonce);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws KubeadmError `certificate-invalid` if the key is wrong or the bytes were changed */
export function unseal(sealed: Uint8Array, certificateKey: string): Uint8Array {
  const key = keyBytes(certificateKey);
  if (sealed.length >= nonceBytes + tagBytes) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes));
      decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
      const body = sealed.subarray(nonceBytes, sealed.length - tagBytes);
      return Buffer.concat([decipher.update(body), decipher.final()]);
    } catch {
      // The error below is clearer than that of Node.
    }
  }
  throw new KubeadmError(
    'certificate-invalid',
    'the uploaded certificates cannot be decrypted with this key',
    {
      hint: 'Use the certificate key that the last `kubeadm init phase upload-certs --upload-certs` printed.',
    },
  );
}

function keyBytes(certificateKey: string): Uint8Array {
  if (!/^[0-9a-fA-F]{64}$/.test(certificateKey)) {
    throw new KubeadmError('config-invalid', 'the certificate key must be 64 hexadecimal digits', {
      hint: 'Make one with `kubeadm certs certificate-key`.',
      place: { path: 'certificateKey' },
    });
  }
  return Buffer.from(certificateKey, 'hex');
}
