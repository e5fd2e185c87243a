/** The API client behind proxies, and with the roots that the system trusts. */
import { writeFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';

import { object, path, ref, testApi } from './api.fixture.ts';
import { environmentProxy } from './route.ts';
import { createTestPki } from './tls.fixture.ts';

const api = testApi();

/** A CONNECT proxy that resolves target.test; returns its port and the requests that it got. */
async function proxy(server: http.Server = http.createServer()): Promise<{ port: number; seen: string[] }> {
  const seen: string[] = [];
  server.on('connect', (request, socket) => {
    seen.push([request.url, request.headers['proxy-authorization'] ?? ''].join(' ').trim());
    const upstream = connect(api.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const side of [socket, upstream]) side.on('error', () => undefined);
  });
  server.on('request', (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.end(JSON.stringify(object));
  });
  return { port: await api.serve(server), seen };
}

describe('proxies', () => {
  const target = { server: 'https://target.test:6443' };
  const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;

  test('requests go through proxy-url with its credentials over one connection', async () => {
    const { port, seen } = await proxy();
    const client = api.open({ ...target, proxyUrl: `http://me:p%40ss@127.0.0.1:${port}` });
    expect(await client.get(ref)).toEqual(object);
    await client.get(ref);
    expect(seen).toEqual([`target.test:6443 ${basic}`]);
    expect(api.requests[0]?.headers.host).toBe('target.test:6443');
    expect(api.requests[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  test('HTTPS_PROXY is used, NO_PROXY exempts a host, and proxy-url overrides both', async () => {
    const [environment, own] = [await proxy(), await proxy()];
    process.env.HTTPS_PROXY = `http://127.0.0.1:${environment.port}`;
    expect(await api.open(target).get(ref)).toEqual(object);
    expect(environment.seen).toEqual(['target.test:6443']);
    await api.open({ ...target, proxyUrl: `http://127.0.0.1:${own.port}` }).get(ref);
    expect(own.seen).toEqual(['target.test:6443']);
    process.env.NO_PROXY = 'target.test';
    await expect(api.open(target).get(ref)).rejects.toMatchObject({ code: 'net' });
    expect(environment.seen).toHaveLength(1);
  });

  test('a watch goes through the proxy', async () => {
    const { port, seen } = await proxy();
    api.answer = (_request, response) => void response.end(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    const client = api.open({ ...target, proxyUrl: `http://127.0.0.1:${port}` });
    const types: string[] = [];
    for await (const { type } of client.watch('v1', 'ConfigMap', { signal: new AbortController().signal })) {
      types.push(type);
    }
    expect(types).toEqual(['ADDED']);
    expect(seen).toHaveLength(1);
  });

  test('the certificate of an https proxy is verified with the trusted roots', async () => {
    const { port, seen } = await proxy(https.createServer({ ...api.pki.server }));
    const client = () => api.open({ ...target, proxyUrl: `https://127.0.0.1:${port}` });
    await expect(client().get(ref)).rejects.toMatchObject({ code: 'net' });
    writeFileSync(`${api.folder}/roots.pem`, api.pki.ca);
    process.env.SSL_CERT_FILE = `${api.folder}/roots.pem`;
    expect(await client().get(ref)).toEqual(object);
    expect(seen).toEqual(['target.test:6443']);
  });

  test('plain HTTP goes through the proxy of HTTP_PROXY', async () => {
    const { port, seen } = await proxy();
    process.env.HTTP_PROXY = `http://127.0.0.1:${port}`;
    expect(await api.open({ server: 'http://target.test:8080' }).get(ref)).toEqual(object);
    expect(seen).toEqual([`GET http://target.test:8080${path}/x`]);
  });

  test.each(['socks5', 'socks5h'])(
    'a %s proxy is refused with its name and without the password',
    async (scheme) => {
      const call = api.open({ ...target, proxyUrl: `${scheme}://me:secret@127.0.0.1:1080` }).get(ref);
      await expect(call).rejects.toThrow(
        `https://target.test:6443${path}/x: the proxy ${scheme}://127.0.0.1:1080: only http and https are supported`,
      );
      await expect(call).rejects.not.toThrow('secret');
    },
  );

  test('the error names a proxy that refuses or does not answer', async () => {
    const refusing = http.createServer();
    refusing.on('connect', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
    const port = await api.serve(refusing);
    await expect(api.open({ ...target, proxyUrl: `http://127.0.0.1:${port}` }).get(ref)).rejects.toThrow(
      `the proxy 127.0.0.1:${port} answered CONNECT with status 403`,
    );
    await expect(api.open({ ...target, proxyUrl: 'http://127.0.0.1:1' }).get(ref)).rejects.toThrow(
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
      `${api.folder}/file.pem`,
      `broken\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${api.pki.ca}`,
    );
    writeFileSync(`${api.folder}/other.pem`, other.ca);
    process.env.SSL_CERT_DIR = '/nowhere';
    process.env.SSL_CERT_FILE = `${api.folder}/other.pem`;
    await expect(api.openWithoutCa(api.url).get(ref)).rejects.toMatchObject({ code: 'net' });
    process.env.SSL_CERT_FILE = `${api.folder}/file.pem`;
    expect(await api.openWithoutCa(api.url).get(ref)).toEqual(object);
    const { port } = await proxy();
    expect(await api.openWithoutCa('https://target.test', `http://127.0.0.1:${port}`).get(ref)).toEqual(
      object,
    );
    process.env.SSL_CERT_FILE = '/nowhere';
    process.env.SSL_CERT_DIR = `/nowhere:${api.folder}`;
    expect(await api.openWithoutCa(api.url).get(ref)).toEqual(object);
  });
});
