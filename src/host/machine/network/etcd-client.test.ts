/** How the etcd client handles endpoints that fail, and answers of etcd that share a code. */
import * as http2 from 'node:http2';
import { createServer, type Server } from 'node:net';
import { Code, ConnectError, type ConnectRouter, type ServiceImpl } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { isNotInSync } from '../../../clients/etcd/answers.ts';
import { Cluster, Maintenance } from '../../../clients/etcd/generated/etcd_pb.ts';
import { EtcdError } from '../../../errors.ts';
import { lazyEtcd } from './lazy.ts';
import { createTestPki, listen, type Pair, type TestPki } from './tls.fixture.ts';

/** Bun's `rejects` runs its own event loop while it waits, which blocks HTTP/2. */
const thrown = async (call: Promise<unknown>): Promise<unknown> =>
  await call.catch((error: unknown) => error);

let pki: TestPki;
let other: TestPki;
const servers: Server[] = [];
const sessions = new Set<http2.ServerHttp2Session>();

beforeAll(async () => {
  [pki, other] = [await createTestPki(), await createTestPki()];
});
afterAll(() => {
  for (const session of sessions) session.destroy();
  for (const server of servers) server.close();
});

const tls = () => ({ ca: pki.ca, ...pki.client });
const member = (id: bigint, name: string, isLearner = false) => ({
  ID: id,
  name,
  peerURLs: [`https://${name}:2380`],
  clientURLs: [`https://${name}:2379`],
  isLearner,
});

async function serveTls(routes: (router: ConnectRouter) => void, pair: Pair = pki.server): Promise<string> {
  const options = { ...pair, ca: pki.ca, requestCert: true, rejectUnauthorized: true };
  const server = http2.createSecureServer(options, connectNodeAdapter({ routes }));
  server.on('session', (session) => sessions.add(session));
  servers.push(server);
  return `https://127.0.0.1:${await listen(server)}`;
}

async function serveCluster(cluster: Partial<ServiceImpl<typeof Cluster>>, pair?: Pair): Promise<string> {
  return await serveTls((router) => router.service(Cluster, cluster), pair);
}

async function serveBytes(onConnect: (end: (data?: string) => void) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onConnect((data) => (data === undefined ? socket.destroy() : socket.end(data)));
  });
  servers.push(server);
  return `https://127.0.0.1:${await listen(server)}`;
}

const listOfA = { memberList: () => ({ members: [member(1n, 'a')] }) };

describe('the etcd client skips an endpoint without an answer of etcd', () => {
  test.each([
    ['nothing listens', async () => 'https://127.0.0.1:1', /nothing listens there/],
    [
      'its certificate is signed by another CA',
      async () => await serveCluster(listOfA, other.server),
      /serving certificate is signed by another CA/,
    ],
    [
      'its certificate has expired',
      async () => await serveCluster(listOfA, pki.expired),
      /serving certificate has expired/,
    ],
    [
      'it does not speak TLS',
      async () => await serveBytes((end) => end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      /does not speak TLS/,
    ],
    ['it closes the connection', async () => await serveBytes((end) => end()), /connection was reset/],
    ['it accepts and says nothing', async () => await serveBytes(() => undefined), /no answer in time/],
  ])('%s', async (_, serve, words) => {
    const [bad, good] = [await serve(), await serveCluster(listOfA)];
    const client = lazyEtcd([bad, good], tls());
    expect((await client.memberList()).map(({ name }) => name)).toEqual(['a']);
    client.close();
    const alone = lazyEtcd([bad], tls());
    const error = await thrown(alone.memberList());
    alone.close();
    expect(error).toBeInstanceOf(EtcdError);
    const { answer, message } = error as EtcdError;
    expect(answer).toBeUndefined();
    expect(message).toMatch(words);
    expect(message).not.toMatch(/Node\.js|use-system-ca|openssl/i);
  });

  test('the etcd client asks the endpoint that answered last first', async () => {
    let connections = 0;
    const silent = await serveBytes(() => (connections += 1));
    const client = lazyEtcd([silent, await serveCluster(listOfA)], tls());
    await client.memberList();
    await client.memberList();
    client.close();
    expect(connections).toBe(1);
  });

  test('the error names each etcd endpoint when all fail', async () => {
    const client = lazyEtcd(['https://127.0.0.1:1', await serveCluster(listOfA, other.server)], tls());
    const error = await thrown(client.memberList());
    client.close();
    expect((error as Error).message).toMatch(/127\.0\.0\.1:1: connection refused.*signed by another CA/);
  });
});

test('the etcd client skips a learner and a member without a leader, but not a member that refuses the call', async () => {
  const refusing = async (text: string, code: Code) =>
    await serveCluster({
      memberList: () => {
        throw new ConnectError(text, code);
      },
    });
  const good = await serveCluster(listOfA);
  for (const bad of [
    await refusing('etcdserver: rpc not supported for learner', Code.FailedPrecondition),
    await refusing('etcdserver: no leader', Code.Unavailable),
  ]) {
    const client = lazyEtcd([bad, good], tls());
    expect(await client.memberList()).toHaveLength(1);
    client.close();
  }
  const denied = lazyEtcd(
    [await refusing('etcdserver: permission denied', Code.PermissionDenied), good],
    tls(),
  );
  expect(await thrown(denied.memberList())).toMatchObject({
    grpcCode: 'permission_denied',
    answer: 'etcdserver: permission denied',
  });
  denied.close();
});

describe('adding a learner', () => {
  test('finds the member with the peer URL after the answer to the addition was lost', async () => {
    const members = [member(1n, 'a')];
    let additions = 0;
    const endpoint = await serveCluster({
      memberList: () => ({ members }),
      memberAdd: ({ peerURLs, isLearner }) => {
        additions += 1;
        members.push({ ...member(2n, '', isLearner), peerURLs });
        throw new ConnectError('lost', Code.Unavailable);
      },
    });
    const client = lazyEtcd([endpoint, endpoint], tls());
    expect(await client.memberAddAsLearner('https://b:2380')).toMatchObject({ id: '2', isLearner: true });
    client.close();
    expect(additions).toBe(1);
  });

  test('returns the member that another client added in between', async () => {
    const members = [member(1n, 'a')];
    const endpoint = await serveCluster({
      memberList: () => ({ members }),
      memberAdd: () => {
        members.push(member(7n, 'b'));
        throw new ConnectError('etcdserver: Peer URLs already exists', Code.FailedPrecondition);
      },
    });
    const client = lazyEtcd([endpoint], tls());
    expect(await client.memberAddAsLearner('https://b:2380')).toMatchObject({ id: '7' });
    client.close();
  });
});

test('promoting succeeds for a member that already votes, and fails for one that is not in sync', async () => {
  let text = 'etcdserver: can only promote a learner member';
  const endpoint = await serveCluster({
    memberPromote: () => {
      throw new ConnectError(text, Code.FailedPrecondition);
    },
  });
  const client = lazyEtcd([endpoint], tls());
  await client.memberPromote('2');
  text = 'etcdserver: can only promote a learner member which is in sync with leader';
  const error = await thrown(client.memberPromote('2'));
  expect(isNotInSync(error)).toBe(true);
  text = 'etcdserver: something else';
  expect(isNotInSync(await thrown(client.memberPromote('2')))).toBe(false);
  client.close();
});

test('the etcd status comes from the named endpoint and contains the errors that it reports', async () => {
  const serve = async (errors: readonly string[], leader: bigint) =>
    await serveTls((router) =>
      router.service(Maintenance, {
        status: () => ({ header: { memberId: 0xabn }, version: '3.6.8', leader, errors: [...errors] }),
      }),
    );
  const [good, bad] = [await serve([], 0xabn), await serve(['etcdserver: no leader'], 0n)];
  const client = lazyEtcd([good], tls());
  const status = { memberId: 'ab', version: '3.6.8', isLearner: false };
  expect(await client.status(good)).toEqual({ ...status, leader: 'ab', errors: [] });
  expect(await client.status(bad)).toEqual({
    ...status,
    leader: undefined,
    errors: ['etcdserver: no leader'],
  });
  expect(await thrown(client.status('https://127.0.0.1:1'))).toMatchObject({ grpcCode: 'unavailable' });
  client.close();
});

test('after a sync the endpoints are those of the voting members that have started', async () => {
  const endpoint = await serveCluster({
    memberList: () => ({ members: [member(1n, 'a'), member(2n, ''), member(3n, 'c', true)] }),
  });
  const client = lazyEtcd([endpoint], tls());
  expect(await client.sync()).toEqual(['https://a:2379']);
  expect(client.endpoints()).toEqual(['https://a:2379']);
  client.close();
});

test('an aborted etcd call fails with the reason of its signal and tries no other endpoint', async () => {
  const stop = new AbortController();
  const reason = new Error('stopped');
  let asked = 0;
  const good = await serveCluster({
    memberList: () => {
      asked += 1;
      return { members: [] };
    },
  });
  const silent = await serveBytes(() => stop.abort(reason));
  const client = lazyEtcd([silent, good], tls());
  expect(await thrown(client.memberList({ signal: stop.signal }))).toBe(reason);
  expect(asked).toBe(0);
  client.close();
});
