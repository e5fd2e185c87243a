/** The clients of the container runtime and of etcd over real gRPC: a unix socket, and TLS. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as http2 from 'node:http2';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ImageService, RuntimeService } from '../../../clients/cri/generated/cri_pb.ts';
import { Cluster } from '../../../clients/etcd/generated/etcd_pb.ts';
import { CriError, EtcdError } from '../../../errors.ts';
import { lazyCri, lazyEtcd } from './lazy.ts';
import { createTestPki, listen, type TestPki } from './tls.fixture.ts';

/** Bun's `rejects` runs its own event loop while it waits, which blocks HTTP/2. */
const thrown = async (call: Promise<unknown>): Promise<unknown> =>
  await call.catch((error: unknown) => error);

let folder: string;
let pki: TestPki;
const servers: Server[] = [];
const sessions = new Set<http2.ServerHttp2Session>();

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/kubeadm-grpc-`);
  pki = await createTestPki();
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  for (const server of servers) server.close();
  await rm(folder, { recursive: true });
});

function keep<S extends http2.Http2Server | http2.Http2SecureServer>(server: S): S {
  server.on('session', (session) => sessions.add(session));
  servers.push(server);
  return server;
}

let sockets = 0;
async function serveRuntime(routes: (router: ConnectRouter) => void): Promise<string> {
  sockets += 1;
  const path = `${folder}/${sockets}.sock`;
  await listen(keep(http2.createServer(connectNodeAdapter({ routes }))), path);
  return `unix://${path}`;
}

async function serveEtcd(routes: (router: ConnectRouter) => void): Promise<string> {
  const options = { ...pki.server, ca: pki.ca, requestCert: true, rejectUnauthorized: true };
  const server = keep(http2.createSecureServer(options, connectNodeAdapter({ routes })));
  return `https://127.0.0.1:${await listen(server)}`;
}

describe('the container runtime', () => {
  test('every call returns the answer of the runtime', async () => {
    const pulled: string[] = [];
    const stopped: string[] = [];
    const endpoint = await serveRuntime((router) => {
      router.service(RuntimeService, {
        version: () => ({ runtimeName: 'containerd', runtimeVersion: 'v2.1.9' }),
        status: ({ verbose }) => ({
          status: { conditions: [{ type: 'RuntimeReady', status: true, reason: 'r', message: 'm' }] },
          info: verbose ? { config: '{"containerd":{},"sandboxImage": "registry/pause:1"}' } : {},
        }),
        runtimeConfig: () => ({ linux: { cgroupDriver: 1 } }),
        listPodSandbox: () => ({
          items: [
            {
              id: 's1',
              createdAt: 5_000_000n,
              metadata: { name: 'etcd', namespace: 'kube-system', uid: 'u' },
              state: 0,
            },
            { id: 's2', state: 1 },
          ],
        }),
        stopPodSandbox: ({ podSandboxId }) => {
          stopped.push(podSandboxId);
          return {};
        },
        removePodSandbox: ({ podSandboxId }) => {
          stopped.push(`removed ${podSandboxId}`);
          return {};
        },
        listContainers: () => ({ containers: [{ id: 'c1', podSandboxId: 's1' }] }),
        containerStatus: ({ containerId }) => ({
          status: {
            id: containerId,
            metadata: { name: 'etcd', attempt: 3 },
            state: 2,
            exitCode: 137,
            reason: 'OOMKilled',
            startedAt: 1_000_000_000n,
            finishedAt: 2_500_000_000n,
            logPath: '/var/log/pods/etcd.log',
          },
        }),
      });
      router.service(ImageService, {
        imageStatus: ({ image }) => (image?.image === 'there' ? { image: { id: 'sha256:1' } } : {}),
        pullImage: ({ image }) => {
          pulled.push(image?.image ?? '');
          return { imageRef: 'x' };
        },
      });
    });
    const client = lazyCri(endpoint);
    expect(await client.version()).toEqual({ runtimeName: 'containerd', runtimeVersion: 'v2.1.9' });
    expect(await client.conditions()).toEqual([
      { type: 'RuntimeReady', status: true, reason: 'r', message: 'm' },
    ]);
    expect(await client.sandboxImage()).toBe('registry/pause:1');
    expect(await client.cgroupDriver()).toBe('cgroupfs');
    expect([await client.hasImage('there'), await client.hasImage('gone')]).toEqual([true, false]);
    await client.pullImage('a:1');
    expect(pulled).toEqual(['a:1']);
    expect(await client.podSandboxes()).toEqual([
      { id: 's1', name: 'etcd', namespace: 'kube-system', uid: 'u', state: 'ready', createdAt: 5 },
      { id: 's2', name: '', namespace: '', uid: '', state: 'notready', createdAt: 0 },
    ]);
    await client.stopPodSandbox('s1');
    await client.removePodSandbox('s1');
    expect(stopped).toEqual(['s1', 'removed s1']);
    expect(await client.containers()).toEqual([
      {
        id: 'c1',
        podSandboxId: 's1',
        name: 'etcd',
        attempt: 3,
        state: 'exited',
        exitCode: 137,
        reason: 'OOMKilled',
        startedAt: 1000,
        finishedAt: 2500,
        logPath: '/var/log/pods/etcd.log',
      },
    ]);
    client.close();
  });

  test('a container that is removed during the list is skipped, and another failure is thrown', async () => {
    const endpoint = await serveRuntime((router) => {
      router.service(RuntimeService, {
        listContainers: () => ({ containers: [{ id: 'gone' }, { id: 'c1' }] }),
        containerStatus: ({ containerId }) => {
          if (containerId === 'gone') throw new ConnectError('no such container', Code.NotFound);
          if (failing) throw new ConnectError('no', Code.Internal);
          return { status: { id: containerId } };
        },
      });
    });
    let failing = false;
    const client = lazyCri(endpoint);
    expect((await client.containers()).map(({ id }) => id)).toEqual(['c1']);
    failing = true;
    expect(await thrown(client.containers())).toBeInstanceOf(CriError);
    client.close();
  });

  test.each([
    ['{"containerd":{"runtimes":{"x":{"sandbox":"podsandbox"}}}}', undefined],
    ['{"sandboxImage":""}', undefined],
    ['not JSON', undefined],
    ['{"sandboxImage":"r/pause:3"}', 'r/pause:3'],
  ])('the sandbox image is read from the runtime configuration %s', async (config, expected) => {
    const endpoint = await serveRuntime((router) => {
      router.service(RuntimeService, { status: () => ({ info: { config } }) });
    });
    const client = lazyCri(endpoint);
    expect(await client.sandboxImage()).toBe(expected);
    client.close();
  });

  test('a bare path is a valid endpoint', async () => {
    const endpoint = await serveRuntime((router) => {
      router.service(RuntimeService, { version: () => ({ runtimeName: 'x', runtimeVersion: '1' }) });
    });
    const client = lazyCri(endpoint.replace('unix://', ''));
    expect(await client.version()).toMatchObject({ runtimeName: 'x' });
    client.close();
  });

  test('a call that the runtime does not know fails with the code unimplemented', async () => {
    const endpoint = await serveRuntime((router) => {
      router.service(RuntimeService, {
        runtimeConfig: () => {
          throw new ConnectError('unknown method RuntimeConfig', Code.Unimplemented);
        },
        stopPodSandbox: () => {
          throw new ConnectError('sandbox is busy (https://me:hunter22@host/)', Code.FailedPrecondition);
        },
      });
    });
    const client = lazyCri(endpoint);
    const error = await client.cgroupDriver().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(CriError);
    expect(error).toMatchObject({ grpcCode: 'unimplemented' });
    expect(await thrown(client.stopPodSandbox('s'))).toMatchObject({
      grpcCode: 'failed_precondition',
      message: expect.stringContaining('sandbox is busy (https://me:<secret>@host/)'),
    });
    client.close();
  });

  test('a call and a pull without an answer can be stopped', async () => {
    const endpoint = await serveRuntime((router) => {
      const never = () => new Promise<never>(() => undefined);
      router.service(RuntimeService, { status: never });
      router.service(ImageService, { pullImage: never });
    });
    const client = lazyCri(endpoint);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    await Promise.all([
      thrown(client.pullImage('endless', { signal: stop.signal })).then((error) =>
        expect(error).toBeInstanceOf(CriError),
      ),
      thrown(client.conditions({ signal: stop.signal })).then((error) =>
        expect(error).toMatchObject({ grpcCode: 'canceled' }),
      ),
    ]);
    client.close();
  });

  test('a missing socket and a plain file are reported as a runtime that does not answer', async () => {
    await writeFile(`${folder}/file`, '');
    for (const path of [`${folder}/none.sock`, `${folder}/file`]) {
      const client = lazyCri(`unix://${path}`);
      const error = await client.version().catch((error: unknown) => error);
      expect(error).toBeInstanceOf(CriError);
      expect(error).toMatchObject({
        grpcCode: 'unavailable',
        message: expect.stringContaining(`no container runtime answers on unix://${path}`),
      });
      client.close();
    }
  });
});

describe('etcd', () => {
  const member = (id: bigint, name: string) => ({
    ID: id,
    name,
    peerURLs: [`https://${name}:2380`],
    clientURLs: [`https://${name}:2379`],
    isLearner: false,
  });
  const tls = () => ({ ca: pki.ca, cert: pki.client.cert, key: pki.client.key });

  test('members are listed with hexadecimal ids and removed by them', async () => {
    const removed: bigint[] = [];
    const endpoint = await serveEtcd((router) => {
      router.service(Cluster, {
        memberList: () => ({ members: [member(0xfedcba9876543210n, 'a')] }),
        memberRemove: ({ ID }) => {
          removed.push(ID);
          return { members: [] };
        },
      });
    });
    const client = lazyEtcd([endpoint], tls());
    expect(await client.memberList()).toEqual([
      {
        id: 'fedcba9876543210',
        name: 'a',
        peerURLs: ['https://a:2380'],
        clientURLs: ['https://a:2379'],
        isLearner: false,
      },
    ]);
    expect(await client.memberRemove('fedcba9876543210')).toEqual([]);
    expect(removed).toEqual([0xfedcba9876543210n]);
    client.close();
  });

  test('the next endpoint is tried if one does not answer, but not if it refuses the call', async () => {
    let asked = 0;
    const working = await serveEtcd((router) => {
      router.service(Cluster, {
        memberList: () => {
          asked += 1;
          return { members: [member(1n, 'b')] };
        },
      });
    });
    const refusing = await serveEtcd((router) => {
      router.service(Cluster, {
        memberList: () => {
          throw new ConnectError('etcdserver: permission denied', Code.PermissionDenied);
        },
      });
    });
    const over = lazyEtcd(['https://127.0.0.1:1', working], tls());
    expect((await over.memberList()).map(({ name }) => name)).toEqual(['b']);
    over.close();
    const stopped = lazyEtcd([refusing, working], tls());
    const error = await stopped.memberList().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(EtcdError);
    expect(error).toMatchObject({
      grpcCode: 'permission_denied',
      message: expect.stringContaining(`MemberList of etcd at ${refusing}: etcdserver: permission denied`),
    });
    expect(asked).toBe(1);
    stopped.close();
  });

  test('an endpoint without a listener is unavailable, and an empty list of endpoints is refused', async () => {
    const client = lazyEtcd(['https://127.0.0.1:1'], tls());
    expect(await thrown(client.memberList())).toMatchObject({ code: 'etcd', grpcCode: 'unavailable' });
    client.close();
    expect(await thrown(lazyEtcd([]).memberList())).toMatchObject({ grpcCode: 'invalid_argument' });
  });

  test('a server is trusted by the roots of the system when no authority is given', async () => {
    const endpoint = await serveEtcd((router) => {
      router.service(Cluster, { memberList: () => ({ members: [member(1n, 'a')] }) });
    });
    const { SSL_CERT_DIR, SSL_CERT_FILE } = process.env;
    await writeFile(`${folder}/roots.pem`, pki.ca);
    process.env.SSL_CERT_DIR = '/nowhere';
    try {
      process.env.SSL_CERT_FILE = `${folder}/roots.pem`;
      const trusting = lazyEtcd([endpoint], pki.client);
      expect((await trusting.memberList()).map(({ name }) => name)).toEqual(['a']);
      trusting.close();
      process.env.SSL_CERT_FILE = '/nowhere';
      const distrusting = lazyEtcd([endpoint], pki.client);
      expect(await thrown(distrusting.memberList())).toBeInstanceOf(EtcdError);
      distrusting.close();
    } finally {
      Object.assign(process.env, { SSL_CERT_DIR, SSL_CERT_FILE });
      if (SSL_CERT_DIR === undefined) delete process.env.SSL_CERT_DIR;
      if (SSL_CERT_FILE === undefined) delete process.env.SSL_CERT_FILE;
    }
  });

  test('a server of another authority, and a client without a certificate, are refused', async () => {
    const endpoint = await serveEtcd((router) => {
      router.service(Cluster, { memberList: () => ({ members: [] }) });
    });
    const other = await createTestPki();
    for (const wrong of [
      { ...tls(), ca: other.ca },
      { ...tls(), ...other.client },
    ]) {
      const client = lazyEtcd([endpoint], wrong);
      expect(await thrown(client.memberList())).toBeInstanceOf(EtcdError);
      client.close();
    }
  });
});

test('NODE_TLS_REJECT_UNAUTHORIZED does not turn off the check of etcd', async () => {
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  try {
    const endpoint = await serveEtcd((router) => {
      router.service(Cluster, { memberList: () => ({ members: [] }) });
    });
    const { ca } = await createTestPki();
    const client = lazyEtcd([endpoint], { ...pki.client, ca });
    expect(await thrown(client.memberList())).toBeInstanceOf(EtcdError);
    client.close();
  } finally {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
  }
});
