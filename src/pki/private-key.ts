/** Reads private keys as Go's crypto/x509 does, so that every component can read a key that kubeadm accepts. */
import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { EcPrivateKey, PrivateKeyInfo, RsaPrivateKey } from './asn1.ts';
import type { PemBlock } from './pem.ts';

/** The curves that Go knows, named by the DER of their object identifiers in hexadecimal. */
const curves: Readonly<
  Record<string, { readonly openssl: string; readonly jwk: string; readonly bytes: number }>
> = {
  '06052b81040021': { openssl: 'secp224r1', jwk: 'P-224', bytes: 28 },
  '06082a8648ce3d030107': { openssl: 'prime256v1', jwk: 'P-256', bytes: 32 },
  '06052b81040022': { openssl: 'secp384r1', jwk: 'P-384', bytes: 48 },
  '06052b81040023': { openssl: 'secp521r1', jwk: 'P-521', bytes: 66 },
};

const ecPublicKeyOid = '1.2.840.10045.2.1';

const readers: Readonly<Record<string, (der: Uint8Array<ArrayBuffer>) => KeyObject>> = {
  'RSA PRIVATE KEY': readPkcs1,
  'EC PRIVATE KEY': readSec1,
  'PRIVATE KEY': readPkcs8,
};

/**
 * Reads the key of a PEM block: PKCS #1 in `RSA PRIVATE KEY`, SEC 1 in `EC PRIVATE KEY`, PKCS #8 in `PRIVATE KEY`.
 *
 * @returns undefined if the block has another type, is encrypted, or does not have the form of its type. An elliptic
 *   curve must have a name, not parameters. Source: client-go's keyutil.ParsePrivateKeyPEM.
 */
export function privateKeyOf(block: PemBlock): KeyObject | undefined {
  if (isEncrypted(block)) return undefined;
  try {
    return readers[block.type]?.(block.der);
  } catch {
    return undefined;
  }
}

export function isEncrypted({ type, headers }: PemBlock): boolean {
  return type === 'ENCRYPTED PRIVATE KEY' || (headers['Proc-Type'] ?? '').includes('ENCRYPTED');
}

function readPkcs1(der: Uint8Array<ArrayBuffer>): KeyObject {
  AsnConvert.parse(der, RsaPrivateKey);
  return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs1' });
}

function readSec1(der: Uint8Array<ArrayBuffer>): KeyObject {
  const { parameters, privateKey, publicKey } = AsnConvert.parse(der, EcPrivateKey);
  const curve = curves[hexOf(parameters)];
  if (curve === undefined) throw new Error('the curve is not named, or not known');
  if (publicKey !== undefined)
    return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'sec1' });
  // RFC 5915 allows a key without its public part. Not every runtime computes that part.
  const secret = Buffer.from(new Uint8Array(privateKey.buffer));
  const ecdh = createECDH(curve.openssl);
  ecdh.setPrivateKey(secret);
  const point = ecdh.getPublicKey();
  const coordinate = (index: number): string =>
    point.subarray(1 + index * curve.bytes, 1 + (index + 1) * curve.bytes).toString('base64url');
  const d = Buffer.concat([Buffer.alloc(Math.max(0, curve.bytes - secret.length)), secret]);
  const key = { kty: 'EC', crv: curve.jwk, x: coordinate(0), y: coordinate(1), d: d.toString('base64url') };
  return createPrivateKey({ key, format: 'jwk' });
}

function readPkcs8(der: Uint8Array<ArrayBuffer>): KeyObject {
  const { algorithm } = AsnConvert.parse(der, PrivateKeyInfo);
  if (algorithm.algorithm === ecPublicKeyOid && curves[hexOf(algorithm.parameters)] === undefined)
    throw new Error('the curve is not named, or not known');
  return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
}

function hexOf(der: ArrayBuffer | null | undefined): string {
  return der === undefined || der === null ? '' : Buffer.from(der).toString('hex');
}
