/** Fingerprints, which identify a key pair or a file. */
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { parsePem } from './pem.ts';
import { privateKeyOf } from './private-key.ts';

/**
 * `sha256:<hex>` of the public key in a PEM text: of a certificate (the first one), a private key or a public key
 * (RFC 7469, 2.4). A text without a key that can be read has the fingerprint of its bytes.
 */
export function keyFingerprint(pem: string): string {
  try {
    return sha256(publicKey(pem).export({ type: 'spki', format: 'der' }));
  } catch {
    return textFingerprint(pem);
  }
}

/** `sha256:<hex>` of the bytes. */
export function textFingerprint(text: string): string {
  return sha256(Buffer.from(text));
}

function publicKey(pem: string) {
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return new X509Certificate(pem).publicKey;
  const privateKey = parsePem(pem)
    .map(privateKeyOf)
    .find((key) => key !== undefined);
  return createPublicKey(privateKey ?? pem);
}

function sha256(data: Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}
