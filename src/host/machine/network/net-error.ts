import { NetError } from '../../../errors.ts';

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: nothing listens there',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'the network is unreachable',
  ENOTFOUND: 'the name cannot be resolved',
  EAI_AGAIN: 'the name cannot be resolved now: the DNS server does not answer',
  ETIMEDOUT: 'no answer in time',
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is not valid for this address",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed and not trusted",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate comes from a CA that is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate comes from a CA that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the server's certificate comes from a CA that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT: "the server's certificate comes from a CA that is not trusted",
};

/** Describes the error in words, with Node's code as `reason`. The password of the URL is not shown. */
export function netError(url: string, error: unknown): NetError {
  if (error instanceof NetError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'ERR';
  const detail = error instanceof Error ? error.message : String(error);
  const proxy = /^the proxy \S+:/.exec(detail)?.[0];
  const known = words[code];
  const text = known !== undefined && proxy !== undefined ? `${proxy} ${known}` : (known ?? detail);
  return new NetError(`${withoutPassword(url)}: ${text}`, code, { cause: error });
}

/** The URL with `***` for a password in it. */
export function withoutPassword(url: string): string {
  return url.replace(/^([^/?#]*\/\/[^/?#:@]*):[^/?#]*@/, '$1:***@');
}
