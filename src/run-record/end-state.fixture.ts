/** The state of a machine and its cluster without random values, times and key material. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import type { KubeObject } from '../clients/kube/kube-client.ts';
import type { MemoryHost } from '../host/memory/index.ts';
import { isRecord } from '../lib/is-record.ts';

/** Key: path. Value: mode, owner and content. For keys and certificates, it describes them instead of their bytes. */
export function filesOf(host: MemoryHost): Readonly<Record<string, string>> {
  const entries = Object.entries(host.snapshot())
    .filter(([path]) => !path.startsWith('/proc/'))
    .map(([path, { gid, mode, text, uid }]) => [
      path,
      `${mode.toString(8)} ${uid}:${gid} ${text === undefined ? '' : plain(text)}`,
    ]);
  return Object.fromEntries(entries);
}

/** The objects of the cluster, sorted. */
export function objectsOf(host: MemoryHost): readonly string[] {
  return host.api
    .all()
    .map((object) => JSON.stringify(plainObject(object)))
    .sort();
}

/** Ids of the tokens with which nodes can join. */
export function joinTokens(host: MemoryHost): readonly string[] {
  return host.api
    .list('v1', 'Secret', { namespace: 'kube-system' })
    .filter(({ data }) => isRecord(data) && data['usage-bootstrap-authentication'] !== undefined)
    .map(({ metadata }) => metadata.name.replace('bootstrap-token-', ''));
}

/** kubeadm's certificates that their CA did not sign, or whose key belongs to another certificate. */
export function mismatches(host: MemoryHost): readonly string[] {
  const files = host.snapshot('/etc/kubernetes/pki');
  const text = (name: string): string => files[`/etc/kubernetes/pki/${name}`]?.text ?? '';
  const authorities: Readonly<Record<string, readonly string[]>> = {
    ca: ['ca', 'apiserver', 'apiserver-kubelet-client'],
    'front-proxy-ca': ['front-proxy-ca', 'front-proxy-client'],
    'etcd/ca': ['etcd/ca', 'etcd/server', 'etcd/peer', 'etcd/healthcheck-client', 'apiserver-etcd-client'],
  };
  const pairs = Object.entries(authorities).flatMap(([authority, names]) => {
    const issuer = new X509Certificate(text(`${authority}.crt`));
    return names.filter((name) => {
      const certificate = new X509Certificate(text(`${name}.crt`));
      const isOwn = certificate.checkPrivateKey(createPrivateKey(text(`${name}.key`)));
      return !(isOwn && certificate.verify(issuer.publicKey));
    });
  });
  const spki = { type: 'spki', format: 'pem' } as const;
  const signing = createPublicKey(text('sa.key')).export(spki).toString();
  return [...pairs, ...(signing === text('sa.pub') ? [] : ['sa'])];
}

function plain(text: string): string {
  return text
    .replace(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----\n?/g, (pem) => `<${describePem(pem)}>`)
    .replace(/[A-Za-z0-9+/]{200,}={0,2}/g, (data) => {
      const decoded = Buffer.from(data, 'base64').toString();
      return decoded.startsWith('-----BEGIN') ? plain(decoded) : data;
    });
}

function describePem(pem: string): string {
  if (!pem.includes('BEGIN CERTIFICATE')) return /BEGIN ([A-Z ]+)/.exec(pem)?.[1] ?? '';
  const certificate = new X509Certificate(pem);
  const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 86_400_000;
  const { ca, issuer, keyUsage, subject, subjectAltName } = certificate;
  return [subject, issuer, subjectAltName, keyUsage?.join(), ca, Math.round(days)].join(' | ');
}

function plainObject(object: KubeObject): unknown {
  const {
    creationTimestamp: _c,
    resourceVersion: _r,
    uid: _u,
    ownerReferences,
    ...metadata
  } = object.metadata;
  const owners = Array.isArray(ownerReferences) ? ownerReferences.length : 0;
  const isToken = metadata.name.startsWith('bootstrap-token-');
  const data = isRecord(object.data) ? object.data : {};
  if (isToken || metadata.name === 'kubeadm-certs') {
    const name = isToken ? 'bootstrap-token' : metadata.name;
    return { ...object, metadata: { ...metadata, name }, data: Object.keys(data).sort(), owners };
  }
  const text = plain(JSON.stringify({ ...object, metadata }));
  // The key of a signature has the id of its token.
  return JSON.parse(text.replace(/"jws-kubeconfig-\w+":"[^"]+"/g, '"jws-kubeconfig":"signed"')) as unknown;
}
