import { NetError } from '../../../errors.ts';

/** What went wrong, in words, with the code of Node as `reason`. */
export function netError(url: string, error: unknown): NetError {
  if (error instanceof NetError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'ERR';
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
  };
  const detail = error instanceof Error ? error.message : String(error);
  return new NetError(`${url}: ${words[code] ?? detail}`, code, { cause: error });
}
