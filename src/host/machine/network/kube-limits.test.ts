/** The API client and its signals with busy, endless and silent servers. */
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';

import type { KubeClient } from '../../../clients/kube/kube-client.ts';
import { answerObject, type Handler, object, path, ref, testApi } from './api.fixture.ts';

const api = testApi();

describe('a busy server', () => {
  test.each([429, 503, 500])(
    'a request is retried after status %d with Retry-After, also a write',
    async (status) => {
      api.answer = (request, response) => {
        if (api.requests.length < 3) response.writeHead(status, { 'Retry-After': '0' }).end('busy');
        else answerObject(request, response);
      };
      expect(await api.open().create(object)).toEqual(object);
      expect(api.requests).toHaveLength(3);
    },
  );

  test('the pause is as long as Retry-After', async () => {
    api.answer = (request, response) => {
      if (api.requests.length < 2) response.writeHead(429, { 'Retry-After': '1' }).end('busy');
      else answerObject(request, response);
    };
    const start = performance.now();
    await api.open().get(ref);
    expect(performance.now() - start).toBeGreaterThan(950);
  });

  test('after ten retries the call fails with the answer and its Retry-After', async () => {
    api.answer = (_request, response) => void response.writeHead(429, { 'Retry-After': '0' }).end('busy');
    await expect(api.open().get(ref)).rejects.toMatchObject({ status: 429, details: { retryAfterMs: 0 } });
    expect(api.requests).toHaveLength(11);
  });

  test('a call does not wait for a Retry-After beyond its time limit', async () => {
    api.answer = (_request, response) => void response.writeHead(503, { 'Retry-After': '60' }).end('busy');
    const call = api.open({}, {}, { timeoutMs: 5000 }).get(ref);
    await expect(call).rejects.toMatchObject({ status: 503, details: { retryAfterMs: 60_000 } });
    expect(api.requests).toHaveLength(1);
  });

  test('an error without Retry-After and any answer to raw are returned at once', async () => {
    api.answer = (_request, response) => void response.writeHead(503).end('busy');
    await expect(api.open().get(ref)).rejects.toMatchObject({ status: 503 });
    api.answer = (_request, response) => void response.writeHead(503, { 'Retry-After': '1' }).end('busy');
    expect(await api.open().raw('/readyz')).toEqual({ status: 503, body: 'busy' });
    expect(api.requests).toHaveLength(2);
  });

  test('a client without retries returns the first answer and the first reset', async () => {
    api.answer = (_request, response) => void response.writeHead(503, { 'Retry-After': '0' }).end('busy');
    const client = api.open({}, {}, { retries: false });
    await expect(client.get(ref)).rejects.toMatchObject({ status: 503, details: { retryAfterMs: 0 } });
    api.answer = (request) => void request.socket.destroy();
    await expect(client.get(ref)).rejects.toMatchObject({ reason: 'ECONNRESET' });
    expect(api.requests).toHaveLength(2);
  });

  test('a read whose kept-alive connection was reset is repeated at once, but a write is not', async () => {
    const client = api.open();
    await client.get(ref);
    api.answer = (request, response) => {
      if (api.requests.length === 2) request.socket.destroy();
      else answerObject(request, response);
    };
    const start = performance.now();
    expect(await client.get(ref)).toEqual(object);
    expect(performance.now() - start).toBeLessThan(900);
    expect(api.requests).toHaveLength(3);
    api.answer = (request) => void request.socket.destroy();
    await expect(client.create(object)).rejects.toMatchObject({ code: 'net' });
    expect(api.requests).toHaveLength(4);
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

  test('an answer that is larger than the limit is aborted', async () => {
    api.answer = endless;
    const call = api.open({}, {}, { maxAnswerBytes: 1_048_576 }).get(ref);
    await expect(call).rejects.toMatchObject({
      reason: 'EMSGSIZE',
      message: `${api.url}${path}/x: the answer is larger than 1 MiB`,
    });
  });

  test('an endless line of a watch is aborted', async () => {
    api.answer = endless;
    await expect(watching(api.open())).rejects.toMatchObject({ reason: 'EMSGSIZE' });
  });

  test('the endless body of a refused watch is not read completely', async () => {
    api.answer = (request, response) => {
      response.writeHead(403);
      endless(request, response);
    };
    await expect(watching(api.open())).rejects.toMatchObject({ status: 403 });
  });

  test('a watch without response headers ends after the time limit of a call', async () => {
    api.answer = () => undefined;
    await expect(watching(api.open({}, {}, { timeoutMs: 200 }))).rejects.toMatchObject({
      reason: 'ETIMEDOUT',
      message: expect.stringMatching(/: no answer within 0.2 s$/),
    });
  });

  test('a silent watch ends after silenceMs', async () => {
    api.answer = (_request, response) =>
      void response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    await expect(watching(api.open(), 200)).rejects.toMatchObject({
      reason: 'ETIMEDOUT',
      message: expect.stringMatching(/: nothing came for 0.2 s$/),
    });
  });

  test('an ERROR event is thrown as an error with the Status of the server', async () => {
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
    api.answer = (_request, response) =>
      void response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    await expect(watching(api.open())).rejects.toMatchObject({ status: 410, reason: 'Expired' });
  });
});

test('a client reports the clock of the server with every answer', async () => {
  const dates: Date[] = [];
  const client = api.open({}, {}, { onDate: (date) => dates.push(date) });
  await client.get(ref);
  api.answer = (_request, response) =>
    void response.writeHead(403, { Date: 'Mon, 30 Nov 2026 12:00:00 GMT' }).end();
  await client.get(ref).catch(() => undefined);
  api.answer = (_request, response) => void response.writeHead(403, { Date: 'tomorrow' }).end();
  await client.get(ref).catch(() => undefined);
  expect(dates).toHaveLength(2);
  expect(Math.abs(Number(dates[0]) - Date.now())).toBeLessThan(5000);
  expect(dates[1]).toEqual(new Date('2026-11-30T12:00:00Z'));
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
    api.answer = () => void setTimeout(() => stop.abort(new Error('told to stop')), 20);
    const start = performance.now();
    await expect(call(api.open(), stop.signal)).rejects.toThrow('told to stop');
    expect(performance.now() - start).toBeLessThan(2000);
    await expect(call(api.open(), stop.signal)).rejects.toThrow('told to stop');
    expect(api.requests).toHaveLength(1);
  });

  test('the pause of a Retry-After ends with the signal', async () => {
    const stop = new AbortController();
    api.answer = (_request, response) => {
      response.writeHead(429, { 'Retry-After': '5' }).end();
      setTimeout(() => stop.abort(new Error('told to stop')), 20);
    };
    const start = performance.now();
    await expect(api.open().get(ref, { signal: stop.signal })).rejects.toThrow('told to stop');
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('a connection that is never accepted ends with the signal', async () => {
    const silent = await api.serve(createServer());
    const signal = AbortSignal.timeout(100);
    const start = performance.now();
    const call = api.open({ server: `https://127.0.0.1:${silent}` }).get(ref, { signal });
    await expect(call).rejects.toThrow();
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
