/**
 * ASN.1 shapes of RFC 5280 and RFC 2986. Names and keys stay DER, because their bytes must not change. The shapes are
 * classes, because asn1-schema maps classes. Its decorators are called as functions.
 */
import {
  AsnArray,
  AsnConvert,
  AsnIntegerBigIntConverter,
  AsnProp,
  AsnPropTypes,
  type AsnSerializer,
  AsnType,
  AsnTypeTypes,
  type IAsnConverter,
  OctetString,
} from '@peculiar/asn1-schema';
import { AlgorithmIdentifier, Extensions } from '@peculiar/asn1-x509';

/** The part of a certificate that its signature covers. */
export class TbsCertificate {
  /** The number 2 means version 3. */
  version = 0;
  serialNumber = 0n;
  signature = new AlgorithmIdentifier();
  /** DER of a Name. */
  issuer = new ArrayBuffer(0);
  /** DER of a Validity, whose times asn1-time.ts reads. */
  validity = new ArrayBuffer(0);
  /** DER of a Name. */
  subject = new ArrayBuffer(0);
  /** DER of a SubjectPublicKeyInfo. */
  subjectPublicKeyInfo = new ArrayBuffer(0);
  issuerUniqueID?: ArrayBuffer;
  subjectUniqueID?: ArrayBuffer;
  extensions?: Extensions;
}

function define(target: object, properties: Readonly<Record<string, Parameters<typeof AsnProp>[0]>>): void {
  for (const [name, options] of Object.entries(properties)) AsnProp(options)(target, name);
}

define(TbsCertificate.prototype, {
  version: { type: AsnPropTypes.Integer, context: 0, defaultValue: 0 },
  serialNumber: { type: AsnPropTypes.Integer, converter: AsnIntegerBigIntConverter },
  signature: { type: AlgorithmIdentifier },
  issuer: { type: AsnPropTypes.Any },
  validity: { type: AsnPropTypes.Any },
  subject: { type: AsnPropTypes.Any },
  subjectPublicKeyInfo: { type: AsnPropTypes.Any },
  issuerUniqueID: { type: AsnPropTypes.BitString, context: 1, implicit: true, optional: true },
  subjectUniqueID: { type: AsnPropTypes.BitString, context: 2, implicit: true, optional: true },
  extensions: { type: Extensions, context: 3, optional: true },
});

/** The times in DER. */
export class ValidityTimes {
  notBefore = new ArrayBuffer(0);
  notAfter = new ArrayBuffer(0);
}

define(ValidityTimes.prototype, {
  notBefore: { type: AsnPropTypes.Any },
  notAfter: { type: AsnPropTypes.Any },
});

/** Converts between an object and its DER. */
export type Blocks = ReturnType<typeof AsnSerializer.toASN>;

/** A certificate or a certificate request: a value and a signature over its DER. */
export class Signed {
  /** A TbsCertificate or a RequestInfo as ASN.1 blocks, so that it is not encoded or decoded twice. */
  content!: Blocks;
  signatureAlgorithm = new AlgorithmIdentifier();
  signature = new ArrayBuffer(0);
}

const asBlocks: IAsnConverter = { fromASN: (blocks) => blocks, toASN: (blocks) => blocks as Blocks };

define(Signed.prototype, {
  content: { type: AsnPropTypes.Any, converter: asBlocks },
  signatureAlgorithm: { type: AlgorithmIdentifier },
  signature: { type: AsnPropTypes.BitString },
});

/** One attribute of a request. Only extensionRequest (PKCS #9) is written. */
export class RequestAttribute {
  type = '';
  values: Extensions[] = [];
}

define(RequestAttribute.prototype, {
  type: { type: AsnPropTypes.ObjectIdentifier },
  values: { type: Extensions, repeated: 'set' },
});

export class RequestAttributes extends AsnArray<RequestAttribute> {
  constructor(items?: RequestAttribute[]) {
    super(items);
    Object.setPrototypeOf(this, RequestAttributes.prototype);
  }
}

AsnType({ type: AsnTypeTypes.Set, itemType: RequestAttribute })(RequestAttributes);

/** The part of a request that its signature covers (RFC 2986 CertificationRequestInfo). */
export class RequestInfo {
  version = 0;
  subject = new ArrayBuffer(0);
  subjectPublicKeyInfo = new ArrayBuffer(0);
  attributes = new RequestAttributes();
}

define(RequestInfo.prototype, {
  version: { type: AsnPropTypes.Integer },
  subject: { type: AsnPropTypes.Any },
  subjectPublicKeyInfo: { type: AsnPropTypes.Any },
  attributes: { type: RequestAttributes, context: 0, implicit: true },
});

/** An RSA private key (RFC 8017, A.1.2). Its integers are not checked. */
export class RsaPrivateKey {
  version = 0;
}

const rsaIntegers = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qInv'];

define(RsaPrivateKey.prototype, {
  version: { type: AsnPropTypes.Integer },
  ...Object.fromEntries(
    rsaIntegers.map((name) => [name, { type: AsnPropTypes.Integer, converter: AsnIntegerBigIntConverter }]),
  ),
});

/** An EC private key (RFC 5915). */
export class EcPrivateKey {
  version = 1;
  privateKey = new OctetString();
  /** The DER of the curve: an object identifier or the parameters. */
  parameters?: ArrayBuffer;
  publicKey?: ArrayBuffer;
}

define(EcPrivateKey.prototype, {
  version: { type: AsnPropTypes.Integer },
  privateKey: { type: OctetString },
  parameters: { type: AsnPropTypes.Any, context: 0, optional: true },
  publicKey: { type: AsnPropTypes.BitString, context: 1, optional: true },
});

/** A PKCS #8 private key (RFC 5208) without the attributes at its end. */
export class PrivateKeyInfo {
  version = 0;
  algorithm = new AlgorithmIdentifier();
  privateKey = new OctetString();
  attributes?: ArrayBuffer;
}

define(PrivateKeyInfo.prototype, {
  version: { type: AsnPropTypes.Integer },
  algorithm: { type: AlgorithmIdentifier },
  privateKey: { type: OctetString },
  attributes: { type: AsnPropTypes.Any, context: 0, implicit: true, optional: true },
});

/** The DER of an object that asn1-schema knows. */
export function encode(value: object): Uint8Array<ArrayBuffer> {
  return new Uint8Array(AsnConvert.serialize(value));
}

/** Copies the bytes out of the larger buffer that may hold them. */
export function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
