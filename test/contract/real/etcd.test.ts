import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';

import { ensureComponents } from '../../../components/index.ts';
import { createMachineHost } from '../../../src/host/machine/index.ts';
import { etcdContract } from '../etcd-contract.ts';
import { createServers, type Servers, startEtcd } from './servers.ts';

const host = createMachineHost();
const learnerURL = 'http://127.0.0.1:2390';
let servers: Servers;
let endpoint: string;

const connect = () => {
  const { ca, client } = servers.pki;
  return host.etcd(['https://127.0.0.1:1', endpoint], { ca, ...client });
};

beforeAll(async () => {
  servers = await createServers();
  const { folder, pki } = servers;
  endpoint = await startEtcd(servers);
  writeFileSync(`${folder}/client.crt`, pki.client.cert);
  writeFileSync(`${folder}/client.key`, pki.client.key, { mode: 0o600 });
  const client = connect();
  await servers.waitFor('etcd', client.memberList);
  client.close();
  const { programs } = await ensureComponents();
  const tls = [`--cacert=${folder}/ca.crt`, `--cert=${folder}/client.crt`, `--key=${folder}/client.key`];
  const add = ['member', 'add', 'second', '--learner', `--peer-urls=${learnerURL}`];
  execFileSync(programs.etcdctl, [`--endpoints=${endpoint}`, ...tls, ...add]);
});
afterAll(async () => await servers.close());

etcdContract('of a real etcd', async () => connect(), learnerURL);
