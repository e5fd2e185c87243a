/** Certificates as data, with the fields that kubeadm reads. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { AsnConvert, AsnParser } from '@peculiar/asn1-schema';
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  NameConstraints,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509';
import { Signed, TbsCertificate, ValidityTimes } from './asn1.ts';
import { certificateTime } from './asn1-time.ts';
import { type NameLimits, nameLimits } from './name-constraints.ts';
import { encodePem } from './pem.ts';

export interface Certificate {
  readonly der: Uint8Array<ArrayBuffer>;
  /** The DER of the names, unchanged. */
  readonly subject: Uint8Array<ArrayBuffer>;
  readonly issuer: Uint8Array<ArrayBuffer>;
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** The serial number in hexadecimal, lower case. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  /** The DER of the subject public key info, unchanged. */
  readonly publicKeyInfo: Uint8Array<ArrayBuffer>;
  /** Whether basic constraints are present and mark an authority. */
  readonly isCA: boolean;
  /** The number of intermediate certificates that may follow below this one. Undefined means any number. */
  readonly pathLength: number | undefined;
  /** Whether the key usage allows to sign certificates, or is missing. */
  readonly maySign: boolean;
  /** Object identifiers. */
  readonly extendedKeyUsages: readonly string[];
  readonly subjectKeyId: Uint8Array | undefined;
  readonly authorityKeyId: Uint8Array | undefined;
  readonly dnsNames: readonly string[];
  /** Addresses as asn1-x509 writes them, such as `10.0.0.1` or `fd00::1`. */
  readonly ips: readonly string[];
  /** The names that an authority may sign; undefined if it may sign all. */
  readonly nameLimits: NameLimits | undefined;
  /** The object identifier of the signature algorithm. */
  readonly signatureAlgorithm: string;
  /** The critical extensions that Go's crypto/x509 does not know. It does not trust a certificate that has one. */
  readonly unknownCritical: readonly string[];
}

/** The extensions that Go knows. Source: crypto/x509/parser.go, processExtensions. */
const knownExtensions: ReadonlySet<string> = new Set([
  ...[14, 15, 17, 19, 30, 31, 32, 33, 35, 36, 37, 54].map((number) => `2.5.29.${number}`),
  '1.3.6.1.5.5.7.1.1',
]);

const commonNameOid = '2.5.4.3';
const organizationOid = '2.5.4.10';

/** The last year that a certificate can express. */
export const lastYear = 9999;

/**
 * @throws Error if the bytes are not an X.509 certificate, its serial number is negative, it has a time that does not exist,
 *   or its key is of a kind that node:crypto does not know
 */
export function parseCertificate(der: Uint8Array): Certificate {
  const bytes = new Uint8Array(der);
  const signed = AsnConvert.parse(bytes, Signed);
  const tbs = AsnParser.fromASN(signed.content, TbsCertificate);
  if (tbs.serialNumber < 0n) throw new Error('its serial number is negative');
  const times = AsnConvert.parse(tbs.validity, ValidityTimes);
  const extension = (oid: string) => tbs.extensions?.find(({ extnID }) => extnID === oid)?.extnValue.buffer;
  const subject = AsnConvert.parse(tbs.subject, Name);
  const names = Array.from(parseExtension(extension(id_ce_subjectAltName), SubjectAlternativeName) ?? []);
  const constraints = parseExtension(extension(id_ce_basicConstraints), BasicConstraints);
  const keyUsage = parseExtension(extension(id_ce_keyUsage), KeyUsage);
  const authority = parseExtension(extension(id_ce_authorityKeyIdentifier), AuthorityKeyIdentifier);
  const limits = parseExtension(extension(id_ce_nameConstraints), NameConstraints);
  return {
    der: bytes,
    subject: new Uint8Array(tbs.subject),
    issuer: new Uint8Array(tbs.issuer),
    commonName: attributes(subject, commonNameOid).at(-1) ?? '',
    organizations: attributes(subject, organizationOid),
    serial: tbs.serialNumber.toString(16),
    notBefore: certificateTime(times.notBefore),
    notAfter: certificateTime(times.notAfter),
    publicKey: createPublicKey({ key: Buffer.from(tbs.subjectPublicKeyInfo), format: 'der', type: 'spki' }),
    publicKeyInfo: new Uint8Array(tbs.subjectPublicKeyInfo),
    isCA: constraints?.cA ?? false,
    pathLength: constraints?.pathLenConstraint,
    maySign: keyUsage === undefined || (keyUsage.toNumber() & KeyUsageFlags.keyCertSign) !== 0,
    extendedKeyUsages: [...(parseExtension(extension(id_ce_extKeyUsage), ExtendedKeyUsage) ?? [])],
    subjectKeyId: bytesOf(parseExtension(extension(id_ce_subjectKeyIdentifier), SubjectKeyIdentifier)),
    authorityKeyId: bytesOf(authority?.keyIdentifier),
    dnsNames: names.flatMap(({ dNSName }) => dNSName ?? []),
    ips: names.flatMap(({ iPAddress }) => iPAddress ?? []),
    nameLimits: limits && nameLimits(limits),
    signatureAlgorithm: signed.signatureAlgorithm.algorithm,
    unknownCritical: (tbs.extensions ?? []).flatMap(({ critical, extnID }) =>
      critical && !knownExtensions.has(extnID) ? extnID : [],
    ),
  };
}

/** The PEM block `CERTIFICATE` of one certificate. */
export function certificatePem(der: Uint8Array): string {
  return encodePem('CERTIFICATE', der);
}

function parseExtension<T>(value: ArrayBuffer | undefined, type: new () => T): T | undefined {
  return value === undefined ? undefined : AsnConvert.parse(value, type);
}

function attributes(name: Name, oid: string): string[] {
  return [...name].flatMap((rdn) =>
    [...rdn].flatMap(({ type, value }) => (type === oid ? value.toString() : [])),
  );
}

function bytesOf(value: { readonly buffer: ArrayBuffer } | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : new Uint8Array(value.buffer);
}
