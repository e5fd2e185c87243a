/**
 * Makes certificates and requests with the same bytes as Go's crypto/x509 from kubeadm's templates. This covers the
 * order and criticality of extensions, string types, identifiers and hashes (RFC 5280; app/util/pkiutil).
 */
import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { AsnConvert, AsnSerializer, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  Validity,
} from '@peculiar/asn1-x509';
import { KubeadmError } from '../errors.ts';
import {
  arrayBufferOf,
  encode,
  RequestAttribute,
  RequestAttributes,
  RequestInfo,
  Signed,
  TbsCertificate,
} from './asn1.ts';
import { type Certificate, lastYear } from './read-certificate.ts';

/** The allowed use of a certificate in TLS. */
export type Usage = 'server' | 'client';

/** The subject of a certificate or a request. */
export interface SubjectTemplate {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  /** Addresses in canonical text, such as `10.0.0.1` or `fd00::1`. */
  readonly ips: readonly string[];
}

export interface CertificateTemplate extends SubjectTemplate {
  readonly isCA: boolean;
  /** Each one is a `Usage` or an object identifier. */
  readonly usages: readonly string[];
  /** Fractions of a second are dropped. */
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A certificate authority that can sign. */
export interface Authority {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

export interface CertificateRequest {
  readonly template: CertificateTemplate;
  /** The public key of the subject. */
  readonly publicKey: KeyObject;
  /** Eight random bytes. */
  readonly serial: Uint8Array;
}

/** Returns the DER of a certificate that the authority signed. */
export async function createCertificate(
  request: CertificateRequest,
  authority: Authority,
): Promise<Uint8Array> {
  const { certificate, key } = authority;
  return signCertificate(request, { name: certificate.subject, keyId: certificate.subjectKeyId, key });
}

/** Returns the DER of a certificate that is signed with its own key. */
export async function createSelfSigned(
  template: CertificateTemplate,
  key: KeyObject,
  serial: Uint8Array,
): Promise<Uint8Array> {
  const request = { template, publicKey: createPublicKey(key), serial };
  return signCertificate(request, { name: encodeName(template), keyId: undefined, key });
}

/** Returns the DER of a PKCS #10 request with subject and alternative names, and no other extension. */
export async function createRequest(template: SubjectTemplate, key: KeyObject): Promise<Uint8Array> {
  const info = new RequestInfo();
  info.subject = arrayBufferOf(encodeName(template));
  info.subjectPublicKeyInfo = publicKeyInfo(createPublicKey(key));
  const names = alternativeNames(template);
  if (names.length > 0) {
    const attribute = new RequestAttribute();
    attribute.type = '1.2.840.113549.1.9.14';
    attribute.values = [new Extensions(names)];
    info.attributes = new RequestAttributes([attribute]);
  }
  return signContent(info, key);
}

interface Signer {
  readonly name: Uint8Array;
  readonly keyId: Uint8Array | undefined;
  readonly key: KeyObject;
}

async function signCertificate(request: CertificateRequest, signer: Signer): Promise<Uint8Array> {
  const { template, publicKey, serial } = request;
  if (template.notAfter.getUTCFullYear() > lastYear) {
    throw new KubeadmError('certificate-invalid', `a certificate cannot end after the year ${lastYear}`, {
      hint: 'Check the clock of this machine, or choose a shorter validity period.',
    });
  }
  const tbs = new TbsCertificate();
  tbs.version = 2;
  tbs.serialNumber = serialNumber(serial);
  tbs.signature = signatureAlgorithm(signer.key).identifier;
  tbs.issuer = arrayBufferOf(signer.name);
  const { notAfter, notBefore } = template;
  tbs.validity = AsnConvert.serialize(new Validity({ notBefore, notAfter }));
  tbs.subject = arrayBufferOf(encodeName(template));
  tbs.subjectPublicKeyInfo = publicKeyInfo(publicKey);
  tbs.extensions = new Extensions(extensions(template, tbs.subjectPublicKeyInfo, signer.keyId));
  return signContent(tbs, signer.key);
}

async function signContent(content: TbsCertificate | RequestInfo, key: KeyObject): Promise<Uint8Array> {
  const { hash, identifier } = signatureAlgorithm(key);
  const signed = new Signed();
  signed.content = AsnSerializer.toASN(content);
  signed.signatureAlgorithm = identifier;
  signed.signature = arrayBufferOf(await signBytes(hash, encode(signed.content), key));
  return encode(signed);
}

function signBytes(hash: string, content: Uint8Array, key: KeyObject): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(hash, content, key, (error, signature) => (error === null ? resolve(signature) : reject(error)));
  });
}

/** A serial number from 1 to 2^63 - 2, as in upstream. */
function serialNumber(bytes: Uint8Array): bigint {
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return (BigInt.asUintN(63, value) % (2n ** 63n - 2n)) + 1n;
}

interface SignatureAlgorithm {
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly identifier: AlgorithmIdentifier;
}

/** The hash is SHA-256 for RSA, and fits the curve for ECDSA. */
function signatureAlgorithm(key: KeyObject): SignatureAlgorithm {
  if (key.asymmetricKeyType === 'rsa') {
    const parameters = new Uint8Array([5, 0]).buffer;
    return {
      hash: 'sha256',
      identifier: new AlgorithmIdentifier({ algorithm: '1.2.840.113549.1.1.11', parameters }),
    };
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const [hash, last] =
    curve === 'secp521r1'
      ? (['sha512', 4] as const)
      : curve === 'secp384r1'
        ? (['sha384', 3] as const)
        : (['sha256', 2] as const);
  return { hash, identifier: new AlgorithmIdentifier({ algorithm: `1.2.840.10045.4.3.${last}` }) };
}

function publicKeyInfo(key: KeyObject): ArrayBuffer {
  return arrayBufferOf(key.export({ type: 'spki', format: 'der' }));
}

/** O comes before CN. Several organizations are in one set, sorted by their DER. */
function encodeName({ commonName, organizations }: SubjectTemplate): Uint8Array {
  const name = new Name();
  if (organizations.length > 0) {
    const sorted = organizations
      .map((value) => attribute('2.5.4.10', value))
      .sort((a, b) => Buffer.compare(encode(a), encode(b)));
    name.push(new RelativeDistinguishedName(sorted));
  }
  if (commonName !== '') name.push(new RelativeDistinguishedName([attribute('2.5.4.3', commonName)]));
  return encode(name);
}

function attribute(type: string, text: string): AttributeTypeAndValue {
  const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);
  const value = new AttributeValue(printable ? { printableString: text } : { utf8String: text });
  return new AttributeTypeAndValue({ type, value });
}

const usageOids: Readonly<Record<string, string>> = { server: id_kp_serverAuth, client: id_kp_clientAuth };

function extensions(
  template: CertificateTemplate,
  spki: ArrayBuffer,
  issuerKeyId: Uint8Array | undefined,
): Extension[] {
  const flags = KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment;
  const usages = template.usages.map((usage) => usageOids[usage] ?? usage);
  return [
    extension(id_ce_keyUsage, new KeyUsage(template.isCA ? flags | KeyUsageFlags.keyCertSign : flags), true),
    ...(usages.length > 0 ? [extension(id_ce_extKeyUsage, new ExtendedKeyUsage(usages))] : []),
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: template.isCA }), true),
    ...(template.isCA ? [extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId(spki)))] : []),
    ...(issuerKeyId === undefined ? [] : [authorityKeyId(issuerKeyId)]),
    ...alternativeNames(template),
  ];
}

function extension(extnID: string, value: object, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(encode(value)) });
}

/** The first 160 bits of the SHA-256 of the key (RFC 7093 section 2, method 1), as in Go since 1.25. */
function keyId(spki: ArrayBuffer): Uint8Array<ArrayBuffer> {
  const { subjectPublicKey } = AsnConvert.parse(spki, SubjectPublicKeyInfo);
  return new Uint8Array(
    createHash('sha256').update(new Uint8Array(subjectPublicKey)).digest().subarray(0, 20),
  );
}

function authorityKeyId(id: Uint8Array): Extension {
  const keyIdentifier = new KeyIdentifier(new Uint8Array(id));
  return extension(id_ce_authorityKeyIdentifier, new AuthorityKeyIdentifier({ keyIdentifier }));
}

/** Returns no extension if there are no names. */
function alternativeNames({ dnsNames, ips }: SubjectTemplate): Extension[] {
  const names = [
    ...dnsNames.map((dNSName) => new GeneralName({ dNSName })),
    ...ips.map((iPAddress) => new GeneralName({ iPAddress })),
  ];
  return names.length > 0 ? [extension(id_ce_subjectAltName, new SubjectAlternativeName(names))] : [];
}
