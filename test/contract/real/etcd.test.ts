/** The etcd client with a real etcd: its contract, and a cluster whose first member has an untrusted certificate. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { EtcdClient } from '../../../src/clients/etcd/etcd-client.ts';
import { createMachineHost } from '../../../src/host/machine/index.ts';
import { createTestPki } from '../../../src/host/machine/network/tls.fixture.ts';
import { createServers, freePort, type Servers, startEtcd } from '../../support/servers.ts';
import { etcdContract } from '../etcd-contract.ts';

const host = createMachineHost();
const peerURL = async () => `http://127.0.0.1:${await freePort()}`;
const peerURLs = [await peerURL(), await peerURL()] as const;
let servers: Servers;
let first: Awaited<ReturnType<typeof startEtcd>>;

const connect = (endpoints: readonly string[]): EtcdClient => {
  const { ca, client } = servers.pki;
  return host.etcd(endpoints, { ca, ...client });
};
const answered = async (name: string, endpoints: readonly string[]) => {
  const client = connect(endpoints);
  await servers.waitFor(name, client.memberList).finally(client.close);
};

beforeAll(async () => {
  servers = await createServers();
  first = await startEtcd(servers);
  await answered('first', [first.clientURL]);
});
afterAll(async () => await servers.close());

etcdContract('of a real etcd', {
  connect: async () => connect(['https://127.0.0.1:1', first.clientURL]),
  startMember: async (name, url) => {
    const cluster = [`first=${first.peerURL}`, `${name}=${url}`];
    const { clientURL } = await startEtcd(servers, { name, peerURL: url, cluster, state: 'existing' });
    const client = connect([clientURL]);
    await servers.waitFor(name, async () => await client.status(clientURL)).finally(client.close);
  },
  peerURLs,
});

test('the other members answer when the first has a certificate of another CA', async () => {
  const other = await createTestPki();
  for (const [file, text] of Object.entries({ crt: other.server.cert, key: other.server.key })) {
    writeFileSync(`${servers.folder}/other.${file}`, text, { mode: 0o600 });
  }
  const names = ['a', 'b', 'c'];
  const urls = [await peerURL(), await peerURL(), await peerURL()];
  const cluster = names.map((name, index) => `${name}=${urls[index]}`);
  const members = await Promise.all(
    names.map(
      async (name, index) =>
        await startEtcd(servers, {
          name,
          peerURL: urls[index] ?? '',
          cluster,
          ...(index === 0 ? { certificate: 'other' } : {}),
        }),
    ),
  );
  const endpoints = members.map(({ clientURL }) => clientURL);
  await answered('b', endpoints.slice(1));
  const client = connect(endpoints);
  const found = await client.memberList();
  expect(found.map(({ name }) => name).sort()).toEqual(names);
  const error: unknown = await client.status(endpoints[0] ?? '').catch((thrown: unknown) => thrown);
  expect((error as Error).message).toContain('signed by another CA');
  expect(await client.status(endpoints[1] ?? '')).toMatchObject({ errors: [] });
  const untrusted = found.find(({ name }) => name === 'a');
  // etcd removes a member only when all members have been connected for 5 s.
  const left = await servers.waitFor('b', async () => await client.memberRemove(untrusted?.id ?? ''));
  expect(left).toHaveLength(2);
  client.close();
});
