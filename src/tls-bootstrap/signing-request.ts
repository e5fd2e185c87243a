/** The certificate signing requests of a kubelet, as the API server shows them. */
import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { at } from '../lib/is-record.ts';

export interface SigningRequest {
  readonly name: string;
  /** Milliseconds since 1970, by the clock of the API server. */
  readonly createdAt: number;
  readonly state: 'pending' | 'approved' | 'signed' | 'denied' | 'failed';
  /** The reason of the one who denied it, or of the signer that failed; may be empty. */
  readonly reason: string;
}

const signerName = 'kubernetes.io/kube-apiserver-client-kubelet';

/**
 * Returns the requests of a node for the client certificate of its kubelet, the newest one first.
 *
 * @throws KubeApiError, NetError
 */
export async function signingRequestsOf(
  client: KubeClient,
  nodeName: string,
  signal: AbortSignal,
): Promise<readonly SigningRequest[]> {
  const fieldSelector = `spec.signerName=${signerName}`;
  const { items } = await client.list('certificates.k8s.io/v1', 'CertificateSigningRequest', {
    fieldSelector,
    signal,
  });
  return items
    .filter((item) => isOf(item, nodeName))
    .map(described)
    .sort((a, b) => b.createdAt - a.createdAt);
}

/** The common name in a PKCS #10 request is a string of ASN.1, which its length precedes. */
function isOf(object: KubeObject, nodeName: string): boolean {
  const pem = Buffer.from(String(at(object, 'spec', 'request')), 'base64').toString();
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const commonName = Buffer.from(`system:node:${nodeName}`);
  return der.includes(Buffer.concat([Buffer.from([commonName.length]), commonName]));
}

function described(object: KubeObject): SigningRequest {
  const { creationTimestamp, name } = object.metadata;
  const own = { name, createdAt: Date.parse(String(creationTimestamp)) };
  const given = at(object, 'status', 'conditions');
  const conditions: readonly unknown[] = Array.isArray(given) ? given : [];
  const find = (type: string): unknown => conditions.find((condition) => at(condition, 'type') === type);
  const refusal = find('Denied') ?? find('Failed');
  if (refusal !== undefined) {
    const texts = [at(refusal, 'reason'), at(refusal, 'message')];
    return {
      ...own,
      state: at(refusal, 'type') === 'Denied' ? 'denied' : 'failed',
      reason: texts.filter((text) => typeof text === 'string' && text !== '').join(': '),
    };
  }
  if (find('Approved') === undefined) return { ...own, state: 'pending', reason: '' };
  const certificate = at(object, 'status', 'certificate');
  const isSigned = typeof certificate === 'string' && certificate !== '';
  return { ...own, state: isSigned ? 'signed' : 'approved', reason: '' };
}
