/** gRPC connections: over a unix socket to the container runtime, over TLS to etcd. */
import { connect } from 'node:net';

import type { Transport } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';

import type { EtcdTls } from '../../../clients/etcd/etcd-client.ts';

export interface GrpcConnection {
  readonly transport: Transport;
  readonly close: () => void;
}

export function grpcOverSocket(path: string): GrpcConnection {
  const baseUrl = 'http://localhost';
  const sessionManager = new Http2SessionManager(baseUrl, {}, { createConnection: () => connect({ path }) });
  return { transport: createGrpcTransport({ baseUrl, sessionManager }), close: () => sessionManager.abort() };
}

export function grpcOverTls(endpoint: string, tls: EtcdTls | undefined): GrpcConnection {
  const sessionManager = new Http2SessionManager(
    endpoint,
    {},
    tls === undefined ? {} : { ca: tls.ca, cert: tls.cert, key: tls.key, allowPartialTrustChain: true },
  );
  return {
    transport: createGrpcTransport({ baseUrl: endpoint, sessionManager }),
    close: () => sessionManager.abort(),
  };
}
