/** The signature of cluster-info with a bootstrap token: a detached JSON Web Signature (RFC 7515, appendix F). */
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Returns the signature that the controller manager makes with a token: HS256 over the UTF-8 bytes of the content.
 * Source: cluster-bootstrap/token/jws.
 *
 * @param token `<id>.<secret>`
 */
export function detachedSignature(content: string, token: string): string {
  const [id = '', secret = ''] = token.split('.');
  const header = base64url(JSON.stringify({ alg: 'HS256', kid: id }));
  const hash = createHmac('sha256', secret)
    .update(`${header}.${base64url(content)}`)
    .digest('base64url');
  return `${header}..${hash}`;
}

/**
 * Whether the token made the signature of the content. It compares the whole text in constant time, so another algorithm,
 * another header and another spelling of the base64 are refused, as upstream.
 */
export function isSignedWith(token: string, signature: string, content: string): boolean {
  const expected = Buffer.from(detachedSignature(content, token));
  const found = Buffer.from(signature);
  return found.length === expected.length && timingSafeEqual(found, expected);
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
