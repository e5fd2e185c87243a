/** Checks whether an authority signed a certificate, as Go's x509.Verify does with any extended key usage. */
import { X509Certificate } from 'node:crypto';
import type { CertificateFile } from './files.ts';
import { nameOutside } from './name-constraints.ts';
import type { Certificate } from './read-certificate.ts';
import { boundsProblem } from './validity.ts';

/** The number of signatures after which Go gives up, so that many certificates with one name do not block it. */
const mostSignatureChecks = 100;

/** Object identifiers of signature algorithms with MD5 and SHA-1 (RFC 8017, RFC 5758), which Go does not accept. */
const insecureAlgorithms: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'MD5',
  '1.2.840.113549.1.1.5': 'SHA-1',
  '1.2.840.10045.4.1': 'SHA-1',
};

/**
 * The reason why the authority does not make the first certificate of the file trusted; undefined if it does.
 *
 * @param now the time at which all certificates of the chain must be valid
 */
export function chainProblem(file: CertificateFile, authority: Certificate, now: Date): string | undefined {
  const own = ownProblem(file.certificate, now);
  if (own !== undefined) return own;
  if (sameBytes(file.certificate.der, authority.der)) return undefined;
  const search = { file, authority, now, checks: { left: mostSignatureChecks } };
  return followChain({ certificate: file.certificate, path: [] }, search);
}

interface Search {
  readonly file: CertificateFile;
  readonly authority: Certificate;
  readonly now: Date;
  /** The number of signatures that may still be checked in the whole search. */
  readonly checks: { left: number };
}

interface Link {
  readonly certificate: Certificate;
  /** The intermediate certificates between the leaf and this one. */
  readonly path: readonly Certificate[];
}

function followChain(link: Link, search: Search): string | undefined {
  const rootProblem = issuerProblem(link, search.authority, search);
  if (rootProblem === undefined) return undefined;
  let problem = rootProblem;
  for (const intermediate of search.file.intermediates) {
    if (search.checks.left <= 0) return `has more than ${mostSignatureChecks} ways that could lead to it`;
    if (link.path.includes(intermediate) || issuerProblem(link, intermediate, search) !== undefined) continue;
    const further = followChain({ certificate: intermediate, path: [...link.path, intermediate] }, search);
    if (further === undefined) return undefined;
    problem = further;
  }
  return problem;
}

function issuerProblem(
  { certificate, path }: Link,
  issuer: Certificate,
  { checks, file, now }: Search,
): string | undefined {
  if (!sameBytes(certificate.issuer, issuer.subject)) return 'is not signed by it';
  const insecure = insecureAlgorithms[certificate.signatureAlgorithm];
  if (insecure !== undefined) return `is signed with ${insecure}, which is not accepted any more`;
  checks.left--;
  if (!new X509Certificate(certificate.der).verify(issuer.publicKey)) return 'is not signed with its key';
  if (!issuer.isCA || !issuer.maySign) return 'is signed by a certificate that may not sign others';
  if (issuer.pathLength !== undefined && path.length > issuer.pathLength)
    return 'has too many intermediate certificates';
  const name = issuer.nameLimits && nameOutside(issuer.nameLimits, file.certificate);
  if (name !== undefined)
    return `is signed by a certificate whose name constraints do not allow it to sign for "${name}"`;
  const own = ownProblem(issuer, now);
  return own === undefined ? undefined : `is signed by a certificate that ${own}`;
}

/** The problem of a certificate that does not depend on its authority. */
function ownProblem(certificate: Certificate, now: Date): string | undefined {
  const [unknown] = certificate.unknownCritical;
  if (unknown !== undefined) return `has the critical extension ${unknown}, which components do not know`;
  return boundsProblem(certificate, now);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
