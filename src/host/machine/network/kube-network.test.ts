/** The API client in a real network: proxies, trusted roots, busy servers, limits, signals. */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import { connect, createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { KubeClient } from '../../../clients/kube/kube-client.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from '../../../kubeconfig/kubeconfig.ts';
import { connectKube } from './kube-transport.ts';
import { environmentProxy } from './route.ts';
import { createTestPki, listen, type TestPki } from './tls.fixture.ts';

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];
const saved = { ...process.env };
const servers: (Server & { closeAllConnections?: () => void })[] = [];
const clients: KubeClient[] = [];
const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', namespace: 'n' };
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'n' } };
const path = '/api/v1/namespaces/n/configmaps';
let pki: TestPki;
let folder: string;
let url: string;
let port: number;
let requests: http.IncomingMessage[] = [];
let answer: Handler;
const answerObject: Handler = (_request, response) => void response.end(JSON.stringify(object));

beforeAll(async () => {
  pki = await createTestPki();
  folder = await mkdtemp(`${tmpdir()}/kubeadm-net-`);
  port = await serve(https.createServer({ ...pki.server }, arrive));
  url = `https://127.0.0.1:${port}`;
});
afterEach(() => {
  requests = [];
  answer = answerObject;
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
  await rm(folder, { recursive: true });
});

function arrive(request: http.IncomingMessage, response: http.ServerResponse): void {
  requests.push(request);
  (answer ?? answerObject)(request, response);
}

async function serve(server: (typeof servers)[number]): Promise<number> {
  servers.push(server);
  return await listen(server);
}

function open(
  cluster: Partial<KubeconfigCluster> = {},
  user: Partial<KubeconfigUser> = {},
  options: Parameters<typeof connectKube>[1] = {},
): KubeClient {
  const trust = cluster.insecureSkipTlsVerify === true ? {} : { certificateAuthorityData: pki.ca };
  const kubeconfig: Kubeconfig = {
    currentContext: 'a',
    contexts: [{ name: 'a', cluster: 'c', user: 'u' }],
    clusters: [{ name: 'c', server: url, ...trust, ...cluster }],
    users: [{ name: 'u', ...user }],
  };
  const client = connectKube(kubeconfig, options);
  clients.push(client);
  return client;
}

function openWithoutCa(server: string, proxyUrl?: string): KubeClient {
  const kubeconfig: Kubeconfig = {
    currentContext: 'a',
    contexts: [{ name: 'a', cluster: 'c', user: 'u' }],
    clusters: [{ name: 'c', server, ...(proxyUrl === undefined ? {} : { proxyUrl }) }],
    users: [{ name: 'u' }],
  };
  const client = connectKube(kubeconfig);
  clients.push(client);
  return client;
}

/** A CONNECT proxy that alone knows where target.test is; its port, and what it was asked for. */
async function proxy(server: http.Server = http.createServer()): Promise<{ port: number; seen: string[] }> {
  const seen: string[] = [];
  server.on('connect', (request, socket) => {
    seen.push([request.url, request.headers['proxy-authorization'] ?? ''].join(' ').trim());
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const side of [socket, upstream]) side.on('error', () => undefined);
  });
  server.on('request', (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.end(JSON.stringify(object));
  });
  return { port: await serve(server), seen };
}

describe('proxies', () => {
  const target = { server: 'https://target.test:6443' };
  const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;

  test('proxy-url leads to the server, with its credentials, over one connection', async () => {
    const { port, seen } = await proxy();
    const client = open({ ...target, proxyUrl: `http://me:p%40ss@127.0.0.1:${port}` });
    expect(await client.get(ref)).toEqual(object);
    await client.get(ref);
    expect(seen).toEqual([`target.test:6443 ${basic}`]);
    expect(requests[0]?.headers.host).toBe('target.test:6443');
    expect(requests[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  test('HTTPS_PROXY is used, NO_PROXY exempts, and proxy-url comes before both', async () => {
    const [environment, own] = [await proxy(), await proxy()];
    process.env.HTTPS_PROXY = `http://127.0.0.1:${environment.port}`;
    expect(await open(target).get(ref)).toEqual(object);
    expect(environment.seen).toEqual(['target.test:6443']);
    await open({ ...target, proxyUrl: `http://127.0.0.1:${own.port}` }).get(ref);
    expect(own.seen).toEqual(['target.test:6443']);
    process.env.NO_PROXY = 'target.test';
    await expect(open(target).get(ref)).rejects.toMatchObject({ code: 'net' });
    expect(environment.seen).toHaveLength(1);
  });

  test('a watch goes through the proxy', async () => {
    const { port, seen } = await proxy();
    answer = (_request, response) => void response.end(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    const client = open({ ...target, proxyUrl: `http://127.0.0.1:${port}` });
    const types: string[] = [];
    for await (const { type } of client.watch('v1', 'ConfigMap', { signal: new AbortController().signal })) {
      types.push(type);
    }
    expect(types).toEqual(['ADDED']);
    expect(seen).toHaveLength(1);
  });

  test('a proxy that is reached by TLS is checked against the trusted roots', async () => {
    const { port, seen } = await proxy(https.createServer({ ...pki.server }));
    const client = () => open({ ...target, proxyUrl: `https://127.0.0.1:${port}` });
    await expect(client().get(ref)).rejects.toMatchObject({ code: 'net' });
    writeFileSync(`${folder}/roots.pem`, pki.ca);
    process.env.SSL_CERT_FILE = `${folder}/roots.pem`;
    expect(await client().get(ref)).toEqual(object);
    expect(seen).toEqual(['target.test:6443']);
  });

  test('plain HTTP is relayed by the proxy of HTTP_PROXY', async () => {
    const { port, seen } = await proxy();
    process.env.HTTP_PROXY = `http://127.0.0.1:${port}`;
    expect(await open({ server: 'http://target.test:8080' }).get(ref)).toEqual(object);
    expect(seen).toEqual([`GET http://target.test:8080${path}/x`]);
  });

  test.each(['socks5', 'socks5h'])('%s is refused by its name, without the password', async (scheme) => {
    const call = open({ ...target, proxyUrl: `${scheme}://me:secret@127.0.0.1:1080` }).get(ref);
    await expect(call).rejects.toThrow(
      `https://target.test:6443${path}/x: the proxy ${scheme}://127.0.0.1:1080: only http and https are supported`,
    );
    await expect(call).rejects.not.toThrow('secret');
  });

  test('a proxy that refuses, and one that is not there, are named', async () => {
    const refusing = http.createServer();
    refusing.on('connect', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
    const port = await serve(refusing);
    await expect(open({ ...target, proxyUrl: `http://127.0.0.1:${port}` }).get(ref)).rejects.toThrow(
      `the proxy 127.0.0.1:${port} answered CONNECT with status 403`,
    );
    await expect(open({ ...target, proxyUrl: 'http://127.0.0.1:1' }).get(ref)).rejects.toThrow(
      'the proxy 127.0.0.1:1: connection refused',
    );
  });

  test('an address of this machine is reached directly', () => {
    process.env.HTTPS_PROXY = 'http://127.0.0.1:1';
    const to = (host: string) => environmentProxy({ scheme: 'https', host, port: 6443 });
    for (const { address } of Object.values(networkInterfaces()).flatMap((some) => some ?? [])) {
      expect(to(address)).toBeUndefined();
    }
    expect(to('203.0.113.77')).toBe('http://127.0.0.1:1');
  });
});

describe('without a CA in the kubeconfig', () => {
  test('the roots are those of SSL_CERT_FILE or SSL_CERT_DIR, also through a proxy', async () => {
    const other = await createTestPki();
    writeFileSync(
      `${folder}/file.pem`,
      `broken\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${pki.ca}`,
    );
    writeFileSync(`${folder}/other.pem`, other.ca);
    process.env.SSL_CERT_DIR = '/nowhere';
    process.env.SSL_CERT_FILE = `${folder}/other.pem`;
    await expect(openWithoutCa(url).get(ref)).rejects.toMatchObject({ code: 'net' });
    process.env.SSL_CERT_FILE = `${folder}/file.pem`;
    expect(await openWithoutCa(url).get(ref)).toEqual(object);
    const { port } = await proxy();
    expect(await openWithoutCa('https://target.test', `http://127.0.0.1:${port}`).get(ref)).toEqual(object);
    process.env.SSL_CERT_FILE = '/nowhere';
    process.env.SSL_CERT_DIR = `/nowhere:${folder}`;
    expect(await openWithoutCa(url).get(ref)).toEqual(object);
  });
});

describe('a busy server', () => {
  test.each([429, 503, 500])('%d with Retry-After is asked again, a write too', async (status) => {
    answer = (request, response) => {
      if (requests.length < 3) response.writeHead(status, { 'Retry-After': '0' }).end('busy');
      else answerObject(request, response);
    };
    expect(await open().create(object)).toEqual(object);
    expect(requests).toHaveLength(3);
  });

  test('the pause is as long as the server asks for', async () => {
    answer = (request, response) => {
      if (requests.length < 2) response.writeHead(429, { 'Retry-After': '1' }).end('busy');
      else answerObject(request, response);
    };
    const start = performance.now();
    await open().get(ref);
    expect(performance.now() - start).toBeGreaterThan(950);
  });

  test('after ten tries more the answer is the error, with the pause that it asks for', async () => {
    answer = (_request, response) => void response.writeHead(429, { 'Retry-After': '0' }).end('busy');
    await expect(open().get(ref)).rejects.toMatchObject({ status: 429, details: { retryAfterMs: 0 } });
    expect(requests).toHaveLength(11);
  });

  test('a pause that goes beyond the time of the call is not waited for', async () => {
    answer = (_request, response) => void response.writeHead(503, { 'Retry-After': '60' }).end('busy');
    const call = open({}, {}, { timeoutMs: 5000 }).get(ref);
    await expect(call).rejects.toMatchObject({ status: 503, details: { retryAfterMs: 60_000 } });
    expect(requests).toHaveLength(1);
  });

  test('an error without Retry-After, and any answer to raw, are results at once', async () => {
    answer = (_request, response) => void response.writeHead(503).end('busy');
    await expect(open().get(ref)).rejects.toMatchObject({ status: 503 });
    answer = (_request, response) => void response.writeHead(503, { 'Retry-After': '1' }).end('busy');
    expect(await open().raw('/readyz')).toEqual({ status: 503, body: 'busy' });
    expect(requests).toHaveLength(2);
  });

  test('a read whose kept-alive connection was reset is repeated at once; a write is not', async () => {
    const client = open();
    await client.get(ref);
    answer = (request, response) => {
      if (requests.length === 2) request.socket.destroy();
      else answerObject(request, response);
    };
    const start = performance.now();
    expect(await client.get(ref)).toEqual(object);
    expect(performance.now() - start).toBeLessThan(900);
    expect(requests).toHaveLength(3);
    answer = (request) => void request.socket.destroy();
    await expect(client.create(object)).rejects.toMatchObject({ code: 'net' });
    expect(requests).toHaveLength(4);
  });
});

describe('limits', () => {
  const endless: Handler = (_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
  const watching = async (client: KubeClient, silenceMs?: number): Promise<void> => {
    const { signal } = new AbortController();
    const options = { signal, ...(silenceMs === undefined ? {} : { silenceMs }) };
    for await (const _event of client.watch('v1', 'ConfigMap', options));
  };

  test('an answer that is larger than the limit is broken off', async () => {
    answer = endless;
    const call = open({}, {}, { maxAnswerBytes: 1_048_576 }).get(ref);
    await expect(call).rejects.toMatchObject({
      reason: 'EMSGSIZE',
      message: `${url}${path}/x: the answer is larger than 1 MiB`,
    });
  });

  test('a line of a watch without an end is broken off', async () => {
    answer = endless;
    await expect(watching(open())).rejects.toMatchObject({ reason: 'EMSGSIZE' });
  });

  test('the body of a refused watch without an end is not read to its end', async () => {
    answer = (request, response) => {
      response.writeHead(403);
      endless(request, response);
    };
    await expect(watching(open())).rejects.toMatchObject({ status: 403 });
  });

  test('a watch whose head does not come ends after the time of a call', async () => {
    answer = () => undefined;
    await expect(watching(open({}, {}, { timeoutMs: 200 }))).rejects.toMatchObject({
      reason: 'ETIMEDOUT',
      message: expect.stringMatching(/: no answer within 0.2 s$/),
    });
  });

  test('a watch that falls silent ends after the time for that', async () => {
    answer = (_request, response) => void response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    await expect(watching(open(), 200)).rejects.toMatchObject({
      reason: 'ETIMEDOUT',
      message: expect.stringMatching(/: nothing came for 0.2 s$/),
    });
  });

  test('an ERROR event is the Status that the server sends', async () => {
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
    answer = (_request, response) =>
      void response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    await expect(watching(open())).rejects.toMatchObject({ status: 410, reason: 'Expired' });
  });
});

describe('signals', () => {
  const calls: readonly (readonly [string, (client: KubeClient, signal: AbortSignal) => Promise<unknown>])[] =
    [
      ['get', (client, signal) => client.get(ref, { signal })],
      ['list', (client, signal) => client.list('v1', 'ConfigMap', { signal })],
      ['create', (client, signal) => client.create(object, { signal })],
      ['update', (client, signal) => client.update(object, { signal })],
      ['patch', (client, signal) => client.patch(ref, 'merge', {}, { signal })],
      ['delete', (client, signal) => client.delete(ref, { signal })],
      ['raw', (client, signal) => client.raw('/livez', { signal })],
    ];
  test.each(calls)('%s ends at once with the reason of its signal', async (_name, call) => {
    const stop = new AbortController();
    answer = () => void setTimeout(() => stop.abort(new Error('told to stop')), 20);
    const start = performance.now();
    await expect(call(open(), stop.signal)).rejects.toThrow('told to stop');
    expect(performance.now() - start).toBeLessThan(2000);
    await expect(call(open(), stop.signal)).rejects.toThrow('told to stop');
    expect(requests).toHaveLength(1);
  });

  test('the pause that a busy server asks for ends, too', async () => {
    const stop = new AbortController();
    answer = (_request, response) => {
      response.writeHead(429, { 'Retry-After': '5' }).end();
      setTimeout(() => stop.abort(new Error('told to stop')), 20);
    };
    const start = performance.now();
    await expect(open().get(ref, { signal: stop.signal })).rejects.toThrow('told to stop');
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('a connection that is never accepted ends with the signal', async () => {
    const silent = await serve(createServer());
    const signal = AbortSignal.timeout(100);
    const start = performance.now();
    const call = open({ server: `https://127.0.0.1:${silent}` }).get(ref, { signal });
    await expect(call).rejects.toThrow();
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('who asks', () => {
  test('user name and password are sent, those of the server URL only without others', async () => {
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    const server = url.replace('https://', 'https://url:pass@');
    await open({ server }, { username: 'me', password: 'pä:ss' }).get(ref);
    await open({ server }).get(ref);
    await open({ server }, { token: 't' }).get(ref);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      basic('me:pä:ss'),
      basic('url:pass'),
      'Bearer t',
    ]);
  });

  test('impersonation is sent', async () => {
    const extra = { asUid: '7', asGroups: ['g1', 'g2'], asUserExtra: { 'example.com/Scope%': ['a', 'b'] } };
    await open({}, { token: 't', as: 'jane', ...extra }).get(ref);
    const raw = requests[0]?.rawHeaders ?? [];
    const values = (name: string) =>
      raw.filter((_value, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name.toLowerCase());
    expect(values('Impersonate-User')).toEqual(['jane']);
    expect(values('Impersonate-Uid')).toEqual(['7']);
    expect(values('Impersonate-Group')).toEqual(['g1', 'g2']);
    expect(values('Impersonate-Extra-example.com%2FScope%25')).toEqual(['a', 'b']);
  });

  test('no credentials go over plain HTTP', async () => {
    const plain = await serve(http.createServer(arrive));
    const secrets = { token: 't', clientCertificateData: pki.client.cert, clientKeyData: pki.client.key };
    await open({ server: `127.0.0.1:${plain}` }, secrets).get(ref);
    expect(requests[0]?.headers.authorization).toBeUndefined();
  });

  test('the token file comes before the token, which counts when the file cannot be read', async () => {
    writeFileSync(`${folder}/token`, 'of the file\n');
    await open({}, { token: 'own', tokenFile: `${folder}/token` }).get(ref);
    await open({}, { token: 'own', tokenFile: '/nowhere' }).get(ref);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer of the file',
      'Bearer own',
    ]);
  });

  test('the release is in the User-Agent', async () => {
    await open().get(ref);
    expect(requests[0]?.headers['user-agent']).toMatch(/^kubeadm\/v1\.\d+\.\d+ \(linux\/\w+\)$/);
  });
});

describe('the server', () => {
  test('key material that cannot be read is refused before anything is sent', () => {
    expect(() => open({ certificateAuthorityData: 'x' })).toThrow('is not PEM that can be read');
    expect(() => open({}, { clientCertificateData: 'x', clientKeyData: 'secret' })).toThrow('is not PEM');
  });

  test('tls-server-name may be an address', async () => {
    expect(await open({ tlsServerName: '127.0.0.1' }).get(ref)).toEqual(object);
    await expect(open({ tlsServerName: '10.0.0.1' }).get(ref)).rejects.toMatchObject({
      reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  test('its password is never shown', async () => {
    const client = open({ server: 'https://u:secret@127.0.0.1:1' });
    expect(client.server).toBe('https://u:***@127.0.0.1:1');
    await expect(client.get(ref)).rejects.toThrow(/^https:\/\/u:\*\*\*@127\.0\.0\.1:1\//);
  });

  test('a path in front of the API is kept', async () => {
    await open({ server: `${url}/clusters/a/` }).get(ref);
    expect(requests[0]?.url).toBe(`/clusters/a${path}/x`);
  });
});
