/** gRPC connections: over a unix socket to the container runtime, over TLS to etcd. */
import { connect } from 'node:net';

import type { Transport } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';

import type { EtcdTls } from '../../../clients/etcd/etcd-client.ts';
import { trustedRoots } from './trusted-roots.ts';

export interface GrpcConnection {
  readonly transport: Transport;
  readonly close: () => void;
}

export function grpcOverSocket(path: string): GrpcConnection {
  const baseUrl = 'http://localhost';
  const sessionManager = new Http2SessionManager(baseUrl, {}, { createConnection: () => connect({ path }) });
  return { transport: createGrpcTransport({ baseUrl, sessionManager }), close: () => sessionManager.abort() };
}

/** An endpoint with the scheme `http` is reached without TLS. */
export function grpcOverTls(endpoint: string, tls: EtcdTls = {}): GrpcConnection {
  const options = /^https:/i.test(endpoint)
    ? {
        allowPartialTrustChain: true,
        // Always given: its default follows NODE_TLS_REJECT_UNAUTHORIZED.
        rejectUnauthorized: true,
        ...tls,
        ca: tls.ca ?? trustedRoots(process.env),
      }
    : {};
  const sessionManager = new Http2SessionManager(endpoint, {}, options);
  return {
    transport: createGrpcTransport({ baseUrl: endpoint, sessionManager }),
    close: () => sessionManager.abort(),
  };
}
