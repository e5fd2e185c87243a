/** A real etcd and a real kube-apiserver on loopback, with their files in one temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { ensureComponents, ensurePrograms } from '../../components/index.ts';
import { createMachineHost } from '../../src/host/machine/index.ts';
import { createTestPki, listen, type TestPki } from '../../src/host/machine/network/tls.fixture.ts';
import type { Kubeconfig } from '../../src/kubeconfig/kubeconfig.ts';

export interface Servers {
  readonly pki: TestPki;
  readonly folder: string;
  /** Starts a program in the background; its output goes to a log that errors show. */
  readonly start: (name: string, program: string, args: readonly string[]) => void;
  /** Repeats `question` until it does not throw. Fails with the program's log if it ended or a minute has passed. */
  readonly waitFor: <T>(name: string, question: () => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

export async function createServers(): Promise<Servers> {
  const pki = await createTestPki();
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-servers-'));
  const files = { 'ca.crt': pki.ca, 'server.crt': pki.server.cert, 'server.key': pki.server.key };
  for (const [name, text] of Object.entries(files))
    writeFileSync(path.join(folder, name), text, { mode: 0o600 });
  const running = new Map<string, ChildProcess>();
  const log = (name: string): string => path.join(folder, `${name}.log`);
  return {
    pki,
    folder,
    start: (name, program, args) => {
      const output = openSync(log(name), 'w');
      running.set(name, spawn(program, args, { cwd: folder, stdio: ['ignore', output, output] }));
      closeSync(output);
    },
    waitFor: async (name, question) => {
      const deadline = performance.now() + 60_000;
      for (;;) {
        try {
          return await question();
        } catch (error) {
          const ended = running.get(name)?.exitCode ?? null;
          if (ended === null && performance.now() < deadline) await sleep(100);
          else
            throw new Error(`${name} does not answer:\n${readFileSync(log(name), 'utf8')}`, { cause: error });
        }
      }
    },
    close: async () => {
      for (const child of [...running.values()].reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port of 127.0.0.1 that was free when it was chosen. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface EtcdMemberOptions {
  /** Defaults to `first`. Its data and log have this name, too. */
  readonly name?: string;
  readonly peerURL?: string;
  /** `name=peerURL` of all members; defaults to only this one. */
  readonly cluster?: readonly string[];
  readonly state?: 'new' | 'existing';
  /** Name of the serving certificate's files; defaults to `server`. */
  readonly certificate?: string;
}

/** Starts an etcd that requires client certificates. */
export async function startEtcd(
  { start, folder }: Servers,
  options: EtcdMemberOptions = {},
): Promise<{ readonly clientURL: string; readonly peerURL: string }> {
  const { programs } = await ensureComponents();
  const { name = 'first', certificate = 'server', state = 'new' } = options;
  const clientURL = `https://127.0.0.1:${await freePort()}`;
  const peerURL = options.peerURL ?? `http://127.0.0.1:${await freePort()}`;
  start(name, programs.etcd, [
    `--name=${name}`,
    `--data-dir=${folder}/${name}-data`,
    `--listen-client-urls=${clientURL}`,
    `--advertise-client-urls=${clientURL}`,
    `--listen-peer-urls=${peerURL}`,
    `--initial-advertise-peer-urls=${peerURL}`,
    `--initial-cluster=${(options.cluster ?? [`${name}=${peerURL}`]).join(',')}`,
    `--initial-cluster-state=${state}`,
    '--client-cert-auth=true',
    `--trusted-ca-file=${folder}/ca.crt`,
    `--cert-file=${folder}/${certificate}.crt`,
    `--key-file=${folder}/${certificate}.key`,
    '--unsafe-no-fsync',
  ]);
  return { clientURL, peerURL };
}

export interface ApiServerOptions {
  /** Further flags. */
  readonly arguments?: readonly string[];
  /** The release, such as `1.35`; defaults to that of this kubeadm. */
  readonly kubernetes?: string;
}

/** Starts an etcd and an API server on it, and waits until it is ready. */
export async function startApiServer(
  servers: Servers,
  { arguments: further = [], kubernetes }: ApiServerOptions = {},
): Promise<Kubeconfig> {
  const { folder, pki } = servers;
  const { clientURL: etcd } = await startEtcd(servers);
  writeFileSync(`${folder}/client.crt`, pki.client.cert);
  writeFileSync(`${folder}/client.key`, pki.client.key, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(`${folder}/sa.key`, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  const port = await freePort();
  const release = kubernetes === undefined ? {} : { kubernetes };
  const programs = await ensurePrograms(['kube-apiserver'], release);
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
    ...further,
  ]);
  const kubeconfig: Kubeconfig = {
    currentContext: 'a',
    contexts: [{ name: 'a', cluster: 'c', user: 'u' }],
    clusters: [{ name: 'c', server: `https://127.0.0.1:${port}`, certificateAuthorityData: pki.ca }],
    users: [{ name: 'u', clientCertificateData: pki.client.cert, clientKeyData: pki.client.key }],
  };
  const client = createMachineHost().kube(kubeconfig);
  await servers.waitFor('kube-apiserver', async () => {
    const { status, body } = await client.raw('/readyz');
    if (status !== 200) throw new Error(body);
    await client.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' });
  });
  client.close();
  return kubeconfig;
}
