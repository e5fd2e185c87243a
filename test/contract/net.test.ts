import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { NetError } from '../../src/errors.ts';
import { createMachineHost } from '../../src/host/machine/index.ts';
import { createMemoryHost } from '../../src/host/memory/index.ts';
import type { NetReads } from '../../src/host.ts';
import { machines } from './machines.ts';

/** The same servers on both machines, at addresses that the machine chooses. */
interface Listening {
  readonly net: NetReads;
  readonly url: string;
  readonly port: number;
  readonly freePort: number;
  readonly socket: string;
  readonly close: () => Promise<void>;
}

async function inMemory(): Promise<Listening> {
  const host = createMemoryHost();
  const url = 'http://127.0.0.1:8080';
  host.machine.answers.set(`${url}/ok`, { status: 200, body: 'fine ä' });
  host.machine.answers.set(`${url}/bad`, { status: 500, body: 'broken' });
  host.machine.answers.set(`${url}/moved`, { status: 302, body: '' });
  host.machine.listening.add(8080);
  host.machine.sockets.add('/run/a.sock');
  return {
    net: host.net,
    url,
    port: 8080,
    freePort: 8081,
    socket: '/run/a.sock',
    close: async () => undefined,
  };
}

const answers: Readonly<Record<string, readonly [number, string]>> = {
  '/ok': [200, 'fine ä'],
  '/bad': [500, 'broken'],
  '/moved': [302, ''],
};

async function listen(
  server: Server,
  where: { readonly path: string } | { readonly port: number },
): Promise<void> {
  await new Promise<void>((resolve) => {
    server.listen('port' in where ? { ...where, host: '127.0.0.1' } : where, resolve);
  });
}

async function onThisMachine(): Promise<Listening> {
  const machine = machines[1]?.open();
  if (machine === undefined) throw new Error('no machine');
  const web = createHttpServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, ''];
    response.writeHead(status, status === 302 ? { Location: '/ok' } : {}).end(body);
  });
  const local = createServer((connection) => connection.end());
  const free = createServer();
  const socket = `${machine.folder}/a.sock`;
  await Promise.all([listen(web, { port: 0 }), listen(free, { port: 0 }), listen(local, { path: socket })]);
  const portOf = (server: Server): number => {
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  };
  const [port, freePort] = [portOf(web), portOf(free)];
  await new Promise((resolve) => free.close(resolve));
  return {
    net: createMachineHost().net,
    url: `http://127.0.0.1:${port}`,
    port,
    freePort,
    socket,
    close: async () => {
      web.closeAllConnections();
      await Promise.all([web, local].map((server) => new Promise((resolve) => server.close(resolve))));
      machine.close();
    },
  };
}

describe.each([
  { name: 'in memory', open: inMemory },
  { name: 'this machine', open: onThisMachine },
])('net $name', ({ open }) => {
  let at: Listening;
  beforeEach(async () => {
    at = await open();
  });
  afterEach(async () => await at.close());

  test('get returns any status, and does not follow redirects', async () => {
    const get = (path: string): Promise<unknown> => at.net.get(`${at.url}${path}`, { timeoutMs: 5000 });
    expect(await get('/ok')).toEqual({ status: 200, body: 'fine ä' });
    expect(await get('/bad')).toEqual({ status: 500, body: 'broken' });
    expect(await get('/moved')).toEqual({ status: 302, body: '' });
  });

  test('a port without a listener is a NetError', async () => {
    const error = await at.net
      .get(`http://127.0.0.1:${at.freePort}/`, { timeoutMs: 5000 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NetError);
    expect(error).toMatchObject({ code: 'net', reason: 'ECONNREFUSED' });
  });

  test('a port without a server has no certificate', async () => {
    const url = `https://127.0.0.1:${at.freePort}`;
    const error = await at.net.servedCertificate(url, { timeoutMs: 5000 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NetError);
    expect(error).toMatchObject({ code: 'net', reason: 'ECONNREFUSED' });
  });

  test('canListen is false for a port in use, and repeatedly true for a free one', async () => {
    expect(await at.net.canListen(at.port)).toBe(false);
    expect(await at.net.canListen(at.freePort)).toBe(true);
    expect(await at.net.canListen(at.freePort)).toBe(true);
  });

  test('answersOnSocket is true for a unix socket that accepts connections', async () => {
    expect(await at.net.answersOnSocket(at.socket)).toBe(true);
    expect(await at.net.answersOnSocket(`${at.socket}.none`)).toBe(false);
  });

  test('localhost resolves, a reserved name does not', async () => {
    const addresses = await at.net.lookup('localhost');
    expect(addresses.some((address) => address === '127.0.0.1' || address === '::1')).toBe(true);
    const error = await at.net.lookup('kubeadm.invalid').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NetError);
  });

  test('there is a loopback interface with its prefix, and a host name', async () => {
    const interfaces = await at.net.interfaces();
    const loopback = interfaces.find(({ loopback }) => loopback);
    expect(loopback).toMatchObject({ name: 'lo', up: true, pointToPoint: false });
    expect(loopback?.addresses).toContain('127.0.0.1/8');
    expect(await at.net.hostname()).not.toBe('');
  });
});
