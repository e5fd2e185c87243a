/** Turns failures of gRPC calls into errors about etcd. */
import { Code, ConnectError } from '@connectrpc/connect';

import { EtcdError } from '../../errors.ts';

const otherAuthority = "the member's serving certificate is signed by another CA";
const clientRefused = 'the member does not accept the client certificate';
const notTls = 'the port does not speak TLS';

/** Key: the error code of Node and Bun, whose own texts mention Node.js and OpenSSL source files. */
const connectionFailures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: nothing listens there',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'the network is unreachable',
  ENOTFOUND: 'the name cannot be resolved',
  EAI_AGAIN: 'the name cannot be resolved now: the DNS server does not answer',
  ETIMEDOUT: 'the connection timed out',
  CERT_HAS_EXPIRED: "the member's serving certificate has expired",
  CERT_NOT_YET_VALID: "the member's serving certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "the member's serving certificate is not valid for this address",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the member's serving certificate is self-signed and not trusted",
  SELF_SIGNED_CERT_IN_CHAIN: otherAuthority,
  UNABLE_TO_GET_ISSUER_CERT: otherAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: otherAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: otherAuthority,
  CERT_SIGNATURE_FAILURE: otherAuthority,
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
  ERR_SSL_HTTP_REQUEST: notTls,
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'the port does not speak HTTP/2',
  ERR_HTTP2_ERROR: 'the port does not speak HTTP/2',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: clientRefused,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: clientRefused,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the member asks for a client certificate',
};

/** An answer of etcd keeps its code and text. Any other failure is `unavailable` or `deadline_exceeded`. */
export function etcdError(endpoint: string, call: string, error: unknown): EtcdError {
  const found = ConnectError.from(error);
  const what = `${call} of etcd at ${endpoint}`;
  if (found.isWireError) {
    const code = Code[found.code].replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
    const answer = found.rawMessage;
    return new EtcdError(code, `${what}: ${answer} (${code})`, { answer, cause: error });
  }
  const code = found.code === Code.DeadlineExceeded ? 'deadline_exceeded' : 'unavailable';
  return new EtcdError(code, `${what}: ${describeFailure(found)} (${code})`, { cause: error });
}

function describeFailure(error: ConnectError): string {
  const reason = error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : '';
  const words = connectionFailures[reason];
  if (words !== undefined) return words;
  if (error.code === Code.DeadlineExceeded) return 'no answer in time';
  if (error.code === Code.Canceled) {
    return 'the member closed the connection; it may not accept the client certificate';
  }
  return error.rawMessage.replace(/[;,]? ?if the root CA is installed locally.*$/s, '').trim();
}
