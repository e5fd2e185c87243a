import { createHash, X509Certificate } from 'node:crypto';
import { KubeadmError } from '../errors.ts';

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * Returns `sha256:<hex>` of the subject public key info of each certificate in a PEM text, as
 * `--discovery-token-ca-cert-hash` expects it (RFC 7469, 2.4). Source: util/pubkeypin.
 */
export function caCertificateHashes(pem: string): readonly string[] {
  const blocks = pem.match(block) ?? [];
  if (blocks.length === 0) throw new KubeadmError('certificate-invalid', 'no CA certificate in PEM form');
  return blocks.map((text) => {
    const info = certificate(text).publicKey.export({ type: 'spki', format: 'der' });
    return `sha256:${createHash('sha256').update(info).digest('hex')}`;
  });
}

function certificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new KubeadmError('certificate-invalid', 'the CA certificate cannot be parsed', { cause });
  }
}
