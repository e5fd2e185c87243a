/**
 * ASN.1 shapes of RFC 5280 and RFC 2986 with the parts that must survive byte by byte (names, keys) left as
 * DER. Classes, because asn1-schema maps classes; its decorators are called as the functions that they are.
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
import { AlgorithmIdentifier, Extensions, Validity } from '@peculiar/asn1-x509';

/** What a certificate's signature covers. */
export class TbsCertificate {
  /** 2 stands for version 3. */
  version = 0;
  serialNumber = 0n;
  signature = new AlgorithmIdentifier();
  /** DER of a Name. */
  issuer = new ArrayBuffer(0);
  validity = new Validity();
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
  validity: { type: Validity },
  subject: { type: AsnPropTypes.Any },
  subjectPublicKeyInfo: { type: AsnPropTypes.Any },
  issuerUniqueID: { type: AsnPropTypes.BitString, context: 1, implicit: true, optional: true },
  subjectUniqueID: { type: AsnPropTypes.BitString, context: 2, implicit: true, optional: true },
  extensions: { type: Extensions, context: 3, optional: true },
});

/** A value between its object and its DER. */
export type Blocks = ReturnType<typeof AsnSerializer.toASN>;

/** A certificate or a certificate request: something, and a signature over its DER. */
export class Signed {
  /** A TbsCertificate or a RequestInfo as ASN.1 blocks, so that it is neither built nor taken apart twice. */
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

/** One attribute of a request; only extensionRequest (PKCS #9) is written. */
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

/** What a request's signature covers (RFC 2986 CertificationRequestInfo). */
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

/** RFC 8017, A.1.2; the integers are not looked at. */
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

/** RFC 5915. */
export class EcPrivateKey {
  version = 1;
  privateKey = new OctetString();
  /** DER of the curve: an object identifier, or its parameters one by one. */
  parameters?: ArrayBuffer;
  publicKey?: ArrayBuffer;
}

define(EcPrivateKey.prototype, {
  version: { type: AsnPropTypes.Integer },
  privateKey: { type: OctetString },
  parameters: { type: AsnPropTypes.Any, context: 0, optional: true },
  publicKey: { type: AsnPropTypes.BitString, context: 1, optional: true },
});

/** RFC 5208, without the attributes at its end. */
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

/** DER of an object that asn1-schema knows. */
export function encode(value: object): Uint8Array<ArrayBuffer> {
  return new Uint8Array(AsnConvert.serialize(value));
}

/** The bytes alone, not the larger buffer that they may stand in. */
export function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
