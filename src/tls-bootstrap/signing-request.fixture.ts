import { generateKeyPairSync } from 'node:crypto';

import type { KubeObject } from '../clients/kube/kube-client.ts';
import { encodePem } from '../pki/pem.ts';
import { createRequest } from '../pki/x509.ts';

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** The request that the kubelet of a node has made. */
export async function signingRequest(
  name: string,
  {
    certificate,
    conditions = [],
    nodeName = 'node1',
  }: {
    readonly conditions?: readonly Readonly<Record<string, string>>[];
    readonly nodeName?: string;
    readonly certificate?: string;
  } = {},
): Promise<KubeObject> {
  const subject = {
    commonName: `system:node:${nodeName}`,
    organizations: ['system:nodes'],
    dnsNames: [],
    ips: [],
  };
  const pem = encodePem('CERTIFICATE REQUEST', await createRequest(subject, key));
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      username: 'system:bootstrap:abcdef',
    },
    status: { conditions, ...(certificate === undefined ? {} : { certificate }) },
  };
}
