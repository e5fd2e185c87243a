import * as http from 'node:http';
import * as https from 'node:https';
import { connect, createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { httpGet } from './http.ts';
import { createTestPki, listen, type TestPki } from './tls.fixture.ts';

let pki: TestPki;
const open: (Server & { closeAllConnections?: () => void })[] = [];
const saved = { ...process.env };

beforeAll(async () => {
  pki = await createTestPki();
});
afterEach(() => {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) {
    if (saved[name] === undefined) delete process.env[name];
    else process.env[name] = saved[name];
  }
});
afterAll(() => {
  for (const server of open) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function serve(handler: http.RequestListener): Promise<string> {
  const server = http.createServer(handler);
  open.push(server);
  return `http://127.0.0.1:${await listen(server)}`;
}

async function serveTls(
  handler: http.RequestListener,
  options: https.ServerOptions = { ...pki.server },
): Promise<{ readonly url: string; readonly port: number }> {
  const server = https.createServer(options, handler);
  open.push(server);
  const port = await listen(server);
  return { url: `https://127.0.0.1:${port}`, port };
}

const hello: http.RequestListener = (_request, response) => void response.end('hello');
const timeoutMs = 5000;

test('a server is verified only with the roots in the options', async () => {
  const { url } = await serveTls(hello);
  expect(await httpGet(url, { timeoutMs, ca: pki.ca })).toEqual({ status: 200, body: 'hello' });
  expect(await httpGet(url, { timeoutMs, ca: false })).toEqual({ status: 200, body: 'hello' });
  await expect(httpGet(url, { timeoutMs })).rejects.toMatchObject({ code: 'net' });
  const other = await createTestPki();
  await expect(httpGet(url, { timeoutMs, ca: other.ca })).rejects.toMatchObject({ code: 'net' });
});

test('the time of the server is in each answer that has one', async () => {
  const dates: string[] = [];
  const onDate = (date: Date) => void dates.push(date.toISOString());
  const at = async (headers: Readonly<Record<string, string>>) => {
    const url = await serve((_request, response) => {
      response.sendDate = false;
      response.writeHead(200, headers).end('hello');
    });
    await httpGet(url, { timeoutMs, onDate });
  };
  await at({ Date: 'Tue, 01 Dec 2026 08:00:00 GMT' });
  await at({ Date: 'not a time' });
  await at({});
  expect(dates).toEqual(['2026-12-01T08:00:00.000Z']);
});

test('an expired certificate and one for another name are different errors', async () => {
  const expired = await serveTls(hello, { ...pki.expired });
  await expect(httpGet(expired.url, { timeoutMs, ca: pki.ca })).rejects.toMatchObject({
    reason: 'CERT_HAS_EXPIRED',
    message: expect.stringContaining('has expired'),
  });
  const { port } = await serveTls(hello, { cert: pki.client.cert, key: pki.client.key });
  await expect(httpGet(`https://127.0.0.1:${port}`, { timeoutMs, ca: pki.ca })).rejects.toMatchObject({
    code: 'net',
  });
});

test('a client certificate and headers are sent', async () => {
  const { url } = await serveTls((request, response) => void response.end(request.headers.authorization), {
    ...pki.server,
    ca: pki.ca,
    requestCert: true,
    rejectUnauthorized: true,
  });
  const headers = { Authorization: 'Bearer t' };
  const answer = await httpGet(url, { timeoutMs, ca: pki.ca, clientCertificate: pki.client, headers });
  expect(answer.body).toBe('Bearer t');
  await expect(httpGet(url, { timeoutMs, ca: pki.ca })).rejects.toMatchObject({ code: 'net' });
});

test('a server that never answers is left after the time limit', async () => {
  const url = await serve(() => undefined);
  await expect(httpGet(url, { timeoutMs: 200 })).rejects.toMatchObject({
    reason: 'ETIMEDOUT',
    message: `${url}: no answer within 0.2 s`,
  });
});

test.each([
  ['is announced', { 'Content-Length': 100 }],
  ['is the end of the connection', { Connection: 'close' }],
])('an answer whose end %s and does not come is incomplete after the time limit', async (_name, headers) => {
  const url = await serve((_request, response) => void response.writeHead(200, headers).write('half'));
  await expect(httpGet(url, { timeoutMs: 200 })).rejects.toMatchObject({
    reason: 'EINCOMPLETE',
    message: `${url}: the answer was not complete within 0.2 s`,
  });
});

test.each([
  [
    'another protocol',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
    'switches',
  ],
  ['endless provisional answers', 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'.repeat(11), 'provisional'],
])('a server that answers with %s is left at once', async (_name, text, message) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(text));
  });
  open.push(server);
  const port = await listen(server);
  await expect(httpGet(`http://127.0.0.1:${port}`, { timeoutMs })).rejects.toMatchObject({
    reason: 'EPROTO',
    message: expect.stringContaining(message),
  });
});

test('an answer that is cut off is an error, not a short body', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('half', () => response.destroy());
  });
  await expect(httpGet(url, { timeoutMs })).rejects.toMatchObject({ code: 'net' });
});

test('aborting the signal ends an HTTP request', async () => {
  const url = await serve(() => undefined);
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 50);
  await expect(httpGet(url, { timeoutMs, signal: stop.signal })).rejects.toMatchObject({ code: 'net' });
});

test('redirects are followed only outside the cluster, and only up to a limit', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/loop') response.writeHead(302, { Location: '/loop' }).end();
    else if (request.url === '/from') response.writeHead(301, { Location: '/to' }).end();
    else response.end(`at ${request.url}`);
  });
  expect(await httpGet(`${url}/from`, { timeoutMs })).toMatchObject({ status: 301 });
  expect(await httpGet(`${url}/from`, { timeoutMs, useProxy: true })).toEqual({
    status: 200,
    body: 'at /to',
  });
  await expect(httpGet(`${url}/loop`, { timeoutMs, useProxy: true })).rejects.toMatchObject({
    reason: 'ERR_TOO_MANY_REDIRECTS',
  });
});

test('an http request goes to the proxy with the whole URL, and only with useProxy', async () => {
  const seen: string[] = [];
  process.env.HTTP_PROXY = await serve((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.host}`);
    response.end('by proxy');
  });
  const target = 'http://target.test/x?y=1';
  expect(await httpGet(target, { timeoutMs, useProxy: true })).toEqual({ status: 200, body: 'by proxy' });
  expect(seen).toEqual([`GET ${target} target.test`]);
  const direct = await serve(hello);
  expect(await httpGet(direct, { timeoutMs, useProxy: true })).toMatchObject({ body: 'hello' });
  process.env.NO_PROXY = 'target.test';
  await expect(httpGet(target, { timeoutMs, useProxy: true })).rejects.toMatchObject({ code: 'net' });
  expect(seen).toHaveLength(1);
});

test('an https request goes through a tunnel of the proxy, and the certificate is verified for the target', async () => {
  const target = await serveTls((request, response) => void response.end(`tls ${request.headers.host}`));
  const seen: string[] = [];
  const proxy = http.createServer();
  proxy.on('connect', (request, socket) => {
    seen.push(`${request.url} ${request.headers['proxy-authorization']}`);
    if (request.url?.startsWith('refused') === true) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const upstream = connect(target.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const side of [socket, upstream]) side.on('error', () => undefined);
  });
  open.push(proxy);
  process.env.HTTPS_PROXY = `http://me:p%40ss@127.0.0.1:${await listen(proxy)}`;
  const options = { timeoutMs, ca: pki.ca, useProxy: true };
  expect(await httpGet('https://target.test/a', options)).toEqual({ status: 200, body: 'tls target.test' });
  expect(seen).toEqual([`target.test:443 Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
  await expect(httpGet('https://other.test/', options)).rejects.toMatchObject({
    reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
  await expect(httpGet('https://refused.test/', options)).rejects.toMatchObject({
    message: expect.stringContaining('answered CONNECT with status 403'),
  });
});

test('the password of a proxy goes only to the proxy and not to the server behind it', async () => {
  const seen: http.IncomingHttpHeaders[] = [];
  const proxy = await serve((request, response) => {
    seen.push(request.headers);
    response.end('by proxy');
  });
  process.env.HTTP_PROXY = proxy.replace('://', '://me:p%40ss@');
  expect(await httpGet('http://target.test/', { timeoutMs, useProxy: true })).toMatchObject({ status: 200 });
  expect(seen[0]?.['proxy-authorization']).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  expect(seen[0]?.authorization).toBeUndefined();
});

test('the client closes the connection when the proxy refuses a tunnel', async () => {
  const proxy = http.createServer();
  const closed = new Promise<void>((resolve) => {
    proxy.on('connect', (_request, socket) => {
      socket.once('end', () => resolve());
      socket.on('error', () => undefined);
      socket.resume();
      // The connection would stay open and keep this process alive.
      socket.write('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
    });
  });
  open.push(proxy);
  process.env.HTTPS_PROXY = `http://127.0.0.1:${await listen(proxy)}`;
  await expect(httpGet('https://target.test/', { timeoutMs, useProxy: true })).rejects.toThrow('status 407');
  await closed;
});

test('an https proxy is used, and a proxy with another scheme is refused with its name', async () => {
  const seen: string[] = [];
  const proxy = https.createServer({ ...pki.server });
  proxy.on('connect', (request, socket) => {
    seen.push(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  open.push(proxy);
  process.env.HTTPS_PROXY = `https://127.0.0.1:${await listen(proxy)}`;
  const options = { timeoutMs, useProxy: true };
  // No trusted authority signed its certificate.
  await expect(httpGet('https://target.test/', options)).rejects.toThrow(/certificate|self.signed|trust/);
  process.env.HTTPS_PROXY = 'socks5://me:secret@127.0.0.1:1080';
  const refused = httpGet('https://target.test/', options);
  await expect(refused).rejects.toThrow(
    'the proxy socks5://127.0.0.1:1080: only http and https are supported',
  );
  await expect(refused).rejects.not.toThrow('secret');
  expect(seen).toEqual([]);
});

test('an endless answer is aborted', async () => {
  const url = await serve((_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  await expect(httpGet(url, { timeoutMs: 30_000 })).rejects.toThrow('larger than 1 MiB');
});

test('a redirect from https to plain HTTP is not followed', async () => {
  const plain = await serve(hello);
  const { url } = await serveTls(
    (_request, response) => void response.writeHead(302, { Location: plain }).end(),
  );
  await expect(httpGet(url, { timeoutMs, ca: pki.ca, useProxy: true })).rejects.toMatchObject({
    reason: 'EINSECUREREDIRECT',
    message: expect.stringContaining(`${plain}, which is not https`),
  });
});

test('an answer of more than 1 MiB is an error', async () => {
  const url = await serve((_request, response) => void response.end('x'.repeat(1_048_577)));
  await expect(httpGet(url, { timeoutMs })).rejects.toMatchObject({ reason: 'EMSGSIZE' });
});
