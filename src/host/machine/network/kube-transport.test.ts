/** The API client over real TLS: credentials, answers, errors and watches. */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as https from 'node:https';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { KubeClient, WatchEvent } from '../../../clients/kube/kube-client.ts';
import { KubeApiError, KubeadmError, NetError } from '../../../errors.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from '../../../kubeconfig/kubeconfig.ts';
import { connectKube } from './kube-transport.ts';
import { createTestPki, listen, type TestPki } from './tls.fixture.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let pki: TestPki;
let folder: string;
let server: https.Server;
let url: string;
let seen: Seen[] = [];
let answer: (response: ServerResponse, request: Seen) => void = (response) => void response.end('{}');

beforeAll(async () => {
  pki = await createTestPki();
  folder = await mkdtemp(`${tmpdir()}/kubeadm-kube-`);
  server = https.createServer({ ...pki.server }, (request, response) => {
    let body = '';
    request.on('data', (data) => {
      body += String(data);
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body });
      answer(response, { method, url, headers, body });
    });
  });
  url = `https://127.0.0.1:${await listen(server)}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});
const clients: KubeClient[] = [];
afterEach(() => {
  seen = [];
  for (const client of clients.splice(0)) client.close();
});

function kubeconfig(
  cluster: Partial<KubeconfigCluster> = {},
  user: Partial<KubeconfigUser> = {},
): Kubeconfig {
  return {
    currentContext: 'me@it',
    contexts: [
      { name: 'other', cluster: 'other', user: 'other' },
      { name: 'me@it', cluster: 'it', user: 'me' },
    ],
    clusters: [
      { name: 'other', server: 'https://127.0.0.1:1' },
      { name: 'it', server: url, certificateAuthorityData: pki.ca, ...cluster },
    ],
    users: [
      { name: 'other', token: 'wrong' },
      { name: 'me', ...user },
    ],
  };
}

function open(...args: Parameters<typeof connectKube>): KubeClient {
  const client = connectKube(...args);
  clients.push(client);
  return client;
}

const json = (response: ServerResponse, status: number, value: unknown): void =>
  void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', namespace: 'kube-system' };
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'kube-system' } };
const path = '/api/v1/namespaces/kube-system/configmaps';

describe('requests', () => {
  test('each verb has its method, path, body and content type', async () => {
    answer = (response) => json(response, 200, object);
    const client = open(kubeconfig());
    await client.get(ref);
    await client.create(object);
    await client.update(object);
    await client.patch(ref, 'strategic', { data: { ä: '1' } });
    await client.patch(ref, 'merge', {});
    await client.patch(ref, 'json', []);
    await client.delete(ref);
    await client.raw('/version');
    const type = 'content-type';
    expect(seen.map(({ method, url, headers, body }) => [method, url, headers[type], body])).toEqual([
      ['GET', `${path}/x`, undefined, ''],
      ['POST', path, 'application/json', JSON.stringify(object)],
      ['PUT', `${path}/x`, 'application/json', JSON.stringify(object)],
      ['PATCH', `${path}/x`, 'application/strategic-merge-patch+json', '{"data":{"ä":"1"}}'],
      ['PATCH', `${path}/x`, 'application/merge-patch+json', '{}'],
      ['PATCH', `${path}/x`, 'application/json-patch+json', '[]'],
      ['DELETE', `${path}/x`, undefined, ''],
      ['GET', '/version', undefined, ''],
    ]);
  });

  test('a list sends its selectors, and its items get apiVersion and kind', async () => {
    const { apiVersion: _, kind: __, ...bare } = object;
    answer = (response) => json(response, 200, { kind: 'ConfigMapList', apiVersion: 'v1', items: [bare] });
    const client = open(kubeconfig());
    const options = { namespace: 'kube-system', labelSelector: 'a in (b,c)', fieldSelector: 'd=e', limit: 2 };
    expect((await client.list('v1', 'ConfigMap', options)).items).toEqual([object]);
    expect(new URL(seen[0]?.url ?? '', url).searchParams.toString()).toBe(
      new URLSearchParams({ labelSelector: 'a in (b,c)', fieldSelector: 'd=e', limit: '2' }).toString(),
    );
    await client.list('v1', 'ConfigMap');
    expect(seen[1]?.url).toBe('/api/v1/configmaps');
  });

  test('a name with slashes is one escaped part of the path', async () => {
    answer = (response) => json(response, 200, object);
    await open(kubeconfig()).get({ ...ref, name: 'a/../b?c' });
    expect(seen[0]?.url).toBe(`${path}/a%2F..%2Fb%3Fc`);
  });

  test('the server of the options overrides that of the kubeconfig', async () => {
    answer = (response) => json(response, 200, object);
    const client = open(kubeconfig({ server: 'https://127.0.0.1:1' }), { server: `${url}/` });
    expect(client.server).toBe(url);
    await client.get(ref);
    expect(seen).toHaveLength(1);
  });
});

describe('credentials', () => {
  test('a token is sent from the kubeconfig, or from its file, which is read for each request', async () => {
    answer = (response) => json(response, 200, object);
    await open(kubeconfig({}, { token: 'abc' })).get(ref);
    writeFileSync(`${folder}/token`, 'first\n');
    const client = open(kubeconfig({}, { tokenFile: `${folder}/token` }));
    await client.get(ref);
    writeFileSync(`${folder}/token`, 'second\n');
    await client.get(ref);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer abc',
      'Bearer first',
      'Bearer second',
    ]);
  });

  test('the client certificate is sent from data or from files', async () => {
    const strict = https.createServer(
      { ...pki.server, ca: pki.ca, requestCert: true, rejectUnauthorized: true },
      (_request, response) => json(response, 200, object),
    );
    const address = { server: `https://127.0.0.1:${await listen(strict)}` };
    writeFileSync(`${folder}/ca`, pki.ca);
    writeFileSync(`${folder}/cert`, pki.client.cert);
    writeFileSync(`${folder}/key`, pki.client.key);
    const { cert, key } = pki.client;
    try {
      await open(kubeconfig(address, { clientCertificateData: cert, clientKeyData: key })).get(ref);
      const { certificateAuthorityData: _, ...cluster } = kubeconfig(address).clusters[1] ?? {
        name: '',
        server: '',
      };
      const files: Kubeconfig = {
        ...kubeconfig(),
        clusters: [{ ...cluster, name: 'it', certificateAuthority: `${folder}/ca` }],
        users: [{ name: 'me', clientCertificate: `${folder}/cert`, clientKey: `${folder}/key` }],
      };
      await open(files).get(ref);
      await expect(open(kubeconfig(address)).get(ref)).rejects.toThrow(NetError);
    } finally {
      strict.closeAllConnections();
      strict.close();
    }
  });

  test('a server certificate of another CA or for another name is refused unless the kubeconfig allows it', async () => {
    answer = (response) => json(response, 200, object);
    const other = await createTestPki();
    await expect(open(kubeconfig({ certificateAuthorityData: other.ca })).get(ref)).rejects.toThrow(NetError);
    await expect(open(kubeconfig({ tlsServerName: 'wrong.test' })).get(ref)).rejects.toThrow(NetError);
    expect(seen).toEqual([]);
    await open(kubeconfig({ tlsServerName: 'target.test' })).get(ref);
    await open(kubeconfig({ certificateAuthorityData: '', insecureSkipTlsVerify: true })).get(ref);
    expect(seen).toHaveLength(2);
  });

  test('the error names a missing file of the kubeconfig', () => {
    const missing = kubeconfig({}, { clientCertificateData: pki.client.cert, clientKey: `${folder}/none` });
    expect(() => connectKube(missing)).toThrow(`read ${folder}/none: no such file or directory`);
  });

  test('a context without a cluster is refused before anything is sent', () => {
    expect(() => connectKube({ ...kubeconfig(), currentContext: 'none' })).toThrow(KubeadmError);
  });
});

describe('errors', () => {
  test('a Status object is a KubeApiError with its status, reason and message', async () => {
    answer = (response) =>
      json(response, 409, { kind: 'Status', reason: 'AlreadyExists', message: 'it exists' });
    const error = await open(kubeconfig())
      .create(object)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KubeApiError);
    expect(error).toMatchObject({ status: 409, reason: 'AlreadyExists' });
    expect((error as Error).message).toBe(`POST ${path}: it exists (status 409)`);
  });

  test('a plain-text error of a proxy is shown, but shortened', async () => {
    answer = (response) => void response.writeHead(502).end(`bad gateway ${'x'.repeat(1000)}`);
    const error = await open(kubeconfig())
      .get(ref)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 502, reason: '' });
    expect((error as Error).message).toContain('bad gateway x');
    expect((error as Error).message.length).toBeLessThan(400);
  });

  test.each([
    ['<html>', 'the answer is not JSON: <html>'],
    ['[]', 'the answer is not a Kubernetes object'],
  ])('the body %s with status 200 is refused', async (text, words) => {
    answer = (response) => void response.end(text);
    const call = open(kubeconfig()).get(ref);
    await expect(call).rejects.toMatchObject({ reason: 'EPROTO', message: `GET ${path}/x: ${words}` });
  });

  test('a raw request returns any status', async () => {
    answer = (response) => void response.writeHead(500).end('[-]etcd failed');
    expect(await open(kubeconfig()).raw('/readyz')).toEqual({ status: 500, body: '[-]etcd failed' });
  });

  test('a closed port and an answer after the time limit are NetErrors', async () => {
    const gone = open(kubeconfig({ server: 'https://127.0.0.1:1' })).get(ref);
    await expect(gone).rejects.toMatchObject({ reason: 'ECONNREFUSED' });
    answer = () => undefined;
    const silent = open(kubeconfig(), { timeoutMs: 200 }).get(ref);
    await expect(silent).rejects.toMatchObject({
      reason: 'ETIMEDOUT',
      message: `${url}${path}/x: no answer within 0.2 s`,
    });
  });

  test('closing ends a call that the server does not answer', async () => {
    answer = () => undefined;
    const client = open(kubeconfig());
    const call = client.get(ref);
    const failed = expect(call).rejects.toBeInstanceOf(NetError);
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const start = performance.now();
    client.close();
    await failed;
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test.each([
    ['is announced', { 'Content-Length': 50 }],
    ['is the end of the connection', { Connection: 'close' }],
  ])('a body whose end %s and does not come is incomplete after the time limit', async (_name, headers) => {
    answer = (response) => void response.writeHead(200, headers).write('{');
    const call = open(kubeconfig(), { timeoutMs: 200 }).get(ref);
    await expect(call).rejects.toMatchObject({ reason: 'EINCOMPLETE' });
  });
});

describe('watching', () => {
  const event = (type: WatchEvent['type'], name: string): string =>
    `${JSON.stringify({ type, object: { ...object, metadata: { name } } })}\n`;

  async function collect(client: KubeClient, signal: AbortSignal): Promise<readonly string[]> {
    const got: string[] = [];
    for await (const { type, object } of client.watch('v1', 'ConfigMap', {
      namespace: 'kube-system',
      signal,
    })) {
      got.push(`${type} ${object.metadata.name}`);
    }
    return got;
  }

  test('events are complete even if they arrive in pieces, until the server closes the stream', async () => {
    const bytes = Buffer.from(event('ADDED', 'ä') + event('MODIFIED', 'b'));
    const cut = bytes.indexOf(0xa4);
    answer = (response) => {
      response.write(bytes.subarray(0, cut));
      setTimeout(() => response.write(bytes.subarray(cut, cut + 20)), 20);
      setTimeout(() => response.end(bytes.subarray(cut + 20)), 40);
    };
    const got = await collect(open(kubeconfig()), new AbortController().signal);
    expect(got).toEqual(['ADDED ä', 'MODIFIED b']);
    expect(seen[0]?.url).toBe(`${path}?watch=true`);
  });

  test('a watch lasts longer than the time limit of a request, and yields events at once', async () => {
    answer = (response) => {
      response.write(event('ADDED', 'a'));
      setTimeout(() => response.end(event('ADDED', 'b')), 1500);
    };
    const client = open(kubeconfig(), { timeoutMs: 1000 });
    expect(await collect(client, new AbortController().signal)).toEqual(['ADDED a', 'ADDED b']);
  });

  test('an aborted watch ends without an error, before or during the answer', async () => {
    const stop = new AbortController();
    answer = (response) => {
      response.write(event('ADDED', 'a'));
      setTimeout(() => stop.abort(), 500);
    };
    expect(await collect(open(kubeconfig()), stop.signal)).toEqual(['ADDED a']);
    const early = new AbortController();
    answer = () => void setTimeout(() => early.abort(), 50);
    expect(await collect(open(kubeconfig()), early.signal)).toEqual([]);
    expect(await collect(open(kubeconfig()), AbortSignal.abort())).toEqual([]);
  });

  test('a refused watch is a KubeApiError', async () => {
    answer = (response) => json(response, 410, { kind: 'Status', reason: 'Expired', message: 'too old' });
    const watching = collect(open(kubeconfig()), new AbortController().signal);
    await expect(watching).rejects.toMatchObject({ status: 410, reason: 'Expired' });
  });

  test('a watch stream that breaks is a NetError', async () => {
    answer = (response) => void response.write(event('ADDED', 'a'), () => response.destroy());
    const watching = collect(open(kubeconfig()), new AbortController().signal);
    await expect(watching).rejects.toThrow(NetError);
  });
});
