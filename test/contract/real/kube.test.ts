import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';

import { ensureComponents } from '../../../components/index.ts';
import { createMachineHost } from '../../../src/host/machine/index.ts';
import type { Kubeconfig } from '../../../src/kubeconfig/kubeconfig.ts';
import { kubeContract } from '../kube-contract.ts';
import { createServers, freePort, type Servers, startEtcd } from './servers.ts';

const { kube } = createMachineHost();
let servers: Servers;
let kubeconfig: Kubeconfig;

beforeAll(async () => {
  servers = await createServers();
  const { pki, folder } = servers;
  const { clientURL: etcd } = await startEtcd(servers);
  writeFileSync(`${folder}/client.crt`, pki.client.cert);
  writeFileSync(`${folder}/client.key`, pki.client.key, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(`${folder}/sa.key`, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  const port = await freePort();
  const { programs } = await ensureComponents();
  servers.start('kube-apiserver', programs['kube-apiserver'], [
    `--etcd-servers=${etcd}`,
    `--etcd-cafile=${folder}/ca.crt`,
    `--etcd-certfile=${folder}/client.crt`,
    `--etcd-keyfile=${folder}/client.key`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--secure-port=${port}`,
    `--client-ca-file=${folder}/ca.crt`,
    `--tls-cert-file=${folder}/server.crt`,
    `--tls-private-key-file=${folder}/server.key`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.96.0.0/24',
    '--service-account-issuer=https://contract.test',
    `--service-account-key-file=${folder}/sa.key`,
    `--service-account-signing-key-file=${folder}/sa.key`,
  ]);
  kubeconfig = {
    currentContext: 'a',
    contexts: [{ name: 'a', cluster: 'c', user: 'u' }],
    clusters: [{ name: 'c', server: `https://127.0.0.1:${port}`, certificateAuthorityData: pki.ca }],
    users: [{ name: 'u', clientCertificateData: pki.client.cert, clientKeyData: pki.client.key }],
  };
  const client = kube(kubeconfig);
  await servers.waitFor('kube-apiserver', async () => {
    const { status, body } = await client.raw('/readyz');
    if (status !== 200) throw new Error(body);
    await client.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' });
  });
  client.close();
});
afterAll(async () => await servers.close());

kubeContract('of a real kube-apiserver', () => kube(kubeconfig));
