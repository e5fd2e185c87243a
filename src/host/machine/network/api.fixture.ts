/** An API server on loopback with answers that a test chooses, and clients of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as https from 'node:https';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll } from 'vitest';

import type { KubeClient, KubeConnectOptions } from '../../../clients/kube/kube-client.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from '../../../kubeconfig/kubeconfig.ts';
import { connectKube } from './kube-transport.ts';
import { createTestPki, listen, type TestPki } from './tls.fixture.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', namespace: 'n' };
export const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'n' } };
/** The path of the collection of `object`. */
export const path = '/api/v1/namespaces/n/configmaps';

export const answerObject: Handler = (_request, response) => void response.end(JSON.stringify(object));

export interface TestApi {
  pki: TestPki;
  /** A temporary folder. */
  folder: string;
  url: string;
  port: number;
  /** All requests since the test began. */
  requests: IncomingMessage[];
  /** `answerObject` at the beginning of each test. */
  answer: Handler;
  readonly arrive: Handler;
  /** Returns a client that trusts the server. */
  readonly open: (
    cluster?: Partial<KubeconfigCluster>,
    user?: Partial<KubeconfigUser>,
    options?: KubeConnectOptions,
  ) => KubeClient;
  /** Returns a client whose kubeconfig has no CA. */
  readonly openWithoutCa: (server: string, proxyUrl?: string) => KubeClient;
  /** Makes a server listen until the end of the test file, and returns its port. */
  readonly serve: (server: ClosableServer) => Promise<number>;
}

type ClosableServer = Server & { closeAllConnections?: () => void };

const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

/** The server runs during the tests of the file. After each test, the proxy and root variables are restored. */
export function testApi(): TestApi {
  const saved = { ...process.env };
  const servers: ClosableServer[] = [];
  const clients: KubeClient[] = [];
  const connect = (
    cluster: Omit<KubeconfigCluster, 'name'>,
    user: Partial<KubeconfigUser> = {},
    options = {},
  ) => {
    const kubeconfig: Kubeconfig = {
      currentContext: 'a',
      contexts: [{ name: 'a', cluster: 'c', user: 'u' }],
      clusters: [{ ...cluster, name: 'c' }],
      users: [{ ...user, name: 'u' }],
    };
    const client = connectKube(kubeconfig, options);
    clients.push(client);
    return client;
  };
  const api: TestApi = {
    pki: {
      ca: '',
      server: { cert: '', key: '' },
      client: { cert: '', key: '' },
      expired: { cert: '', key: '' },
    },
    folder: '',
    url: '',
    port: 0,
    requests: [],
    answer: answerObject,
    arrive: (request, response) => {
      api.requests.push(request);
      api.answer(request, response);
    },
    open: (cluster = {}, user = {}, options = {}) =>
      connect({ server: api.url, certificateAuthorityData: api.pki.ca, ...cluster }, user, options),
    openWithoutCa: (server, proxyUrl) => connect({ server, ...(proxyUrl === undefined ? {} : { proxyUrl }) }),
    serve: async (server) => {
      servers.push(server);
      return await listen(server);
    },
  };
  beforeAll(async () => {
    api.pki = await createTestPki();
    api.folder = await mkdtemp(`${tmpdir()}/kubeadm-net-`);
    api.port = await api.serve(https.createServer({ ...api.pki.server }, api.arrive));
    api.url = `https://127.0.0.1:${api.port}`;
  });
  afterEach(() => {
    api.requests = [];
    api.answer = answerObject;
    for (const client of clients.splice(0)) client.close();
    for (const name of variables) {
      if (saved[name] === undefined) delete process.env[name];
      else process.env[name] = saved[name];
    }
  });
  afterAll(async () => {
    for (const server of servers) {
      server.closeAllConnections?.();
      server.close();
    }
    await rm(api.folder, { recursive: true });
  });
  return api;
}
