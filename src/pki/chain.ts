/** Whether a certificate leads to an authority, as Go's x509.Verify judges it with any extended key usage. */
import { X509Certificate } from 'node:crypto';
import type { CertificateFile } from './files.ts';
import type { Certificate } from './read-certificate.ts';
import { boundsProblem } from './validity.ts';

/**
 * Why the first certificate of the file cannot be trusted through the authority at this time; undefined when
 * it can. Name constraints are left to those who connect.
 */
export function chainProblem(file: CertificateFile, authority: Certificate, now: Date): string | undefined {
  const bounds = boundsProblem(file.certificate, now);
  if (bounds !== undefined) return bounds;
  if (sameBytes(file.certificate.der, authority.der)) return undefined;
  return followChain({ certificate: file.certificate, below: 0 }, { file, authority, now, seen: [] });
}

interface Search {
  readonly file: CertificateFile;
  readonly authority: Certificate;
  readonly now: Date;
  readonly seen: readonly Certificate[];
}

/** `below`: how many intermediate certificates stand between the leaf and this one. */
function followChain(
  link: { readonly certificate: Certificate; readonly below: number },
  search: Search,
): string | undefined {
  const { certificate, below } = link;
  const { authority, now, seen } = search;
  const rootProblem = issuerProblem(certificate, authority, { below, now });
  if (rootProblem === undefined) return undefined;
  let problem = rootProblem;
  for (const intermediate of search.file.intermediates) {
    if (seen.includes(intermediate) || issuerProblem(certificate, intermediate, { below, now }) !== undefined)
      continue;
    const next = { certificate: intermediate, below: below + 1 };
    const further = followChain(next, { ...search, seen: [...seen, intermediate] });
    if (further === undefined) return undefined;
    problem = further;
  }
  return problem;
}

function issuerProblem(
  certificate: Certificate,
  issuer: Certificate,
  { below, now }: { readonly below: number; readonly now: Date },
): string | undefined {
  if (!sameBytes(certificate.issuer, issuer.subject)) return 'is not signed by it';
  if (!new X509Certificate(certificate.der).verify(issuer.publicKey)) return 'is not signed with its key';
  if (!issuer.isCA || !issuer.maySign) return 'is signed by a certificate that may not sign others';
  if (issuer.pathLength !== undefined && below > issuer.pathLength)
    return 'has too many intermediate certificates';
  const bounds = boundsProblem(issuer, now);
  return bounds === undefined ? undefined : `is signed by a certificate that ${bounds}`;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
