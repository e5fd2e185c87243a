import { beforeAll, describe, expect, test } from 'vitest';
import { caCertificateHashes } from '../../cluster/certificate-hash.ts';
import { KubeApiError, NetError } from '../../errors.ts';
import type { KubeadmEvent } from '../../events.ts';
import { madeUpDiscovery } from '../../host/dry-run/made-up-cluster.ts';
import type { MemoryHost, MemoryHostOptions } from '../../host/memory/index.ts';
import { parseKubeconfig } from '../../kubeconfig/parse.ts';
import { createCluster, endpoint, type JoinableCluster, joiningMachine, token } from './machine.fixture.ts';
import type { JoinRequest } from './request.ts';
import { runJoin } from './run.ts';

let cluster: JoinableCluster;
beforeAll(async () => {
  cluster = await createCluster();
});

const directory = '/tmp/dry-run';

async function machine(options: MemoryHostOptions = {}): Promise<MemoryHost> {
  return await joiningMachine(cluster, {
    environment: { KUBEADM_JOIN_DRYRUN_DIR: directory },
    ...options,
    files: { [directory]: { directory: true, mode: 0o700 }, ...options.files },
  });
}

/** A machine whose API server is not there yet. */
async function machineBefore(): Promise<MemoryHost> {
  const host = await machine();
  host.api.intercept = () => new NetError('connect ECONNREFUSED', 'ECONNREFUSED');
  return host;
}

async function dryRun(host: MemoryHost, request: JoinRequest = {}) {
  const { caCertHash } = cluster;
  const discovery = {
    bootstrapToken: { token, apiServerEndpoint: endpoint, caCertHashes: [caCertHash] },
  };
  const events: KubeadmEvent[] = [];
  const record = ({ event }: { readonly event: KubeadmEvent }): void => void events.push(event);
  const outcome = await runJoin(host, { dryRun: true, fields: { discovery }, ...request }, { record }).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  return { ...outcome, events };
}

const written = (host: MemoryHost): readonly string[] =>
  Object.keys(host.snapshot()).filter((path) => /^\/tmp\/dry-run\/.*[^/]$/.test(path));
const workerFiles = [
  'bootstrap-kubelet.conf',
  'ca.crt',
  'config.yaml',
  'instance-config.yaml',
  'kubeadm-flags.env',
];

describe('a dry run of join', () => {
  test('writes the files of a worker into its directory, and changes nothing else', async () => {
    const host = await machine();
    const { error, result } = await dryRun(host);
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ nodeName: 'node1', dryRun: { directory } });
    expect(written(host)).toEqual(workerFiles.map((name) => `${directory}/${name}`));
    expect(host.gate.writes.filter(({ target }) => !target.startsWith(directory))).toEqual([]);
    expect(host.snapshot()[`${directory}/ca.crt`]?.text).toBe(cluster.authority);
  });

  test('reads the configuration of the cluster that answers', async () => {
    const host = await machine();
    const { events } = await dryRun(host);
    expect(events).not.toContainEqual(expect.objectContaining({ code: 'dry-run-discovery-replaced' }));
    const { clusters } = parseKubeconfig(
      host.snapshot()[`${directory}/bootstrap-kubelet.conf`]?.text ?? '',
      '',
    );
    expect(clusters).toMatchObject([{ server: `https://${endpoint}` }]);
  });

  test('says which steps it does not take', async () => {
    const { events } = await dryRun(await machine());
    const message = 'Would wait until the kubelet has its client certificate';
    expect(events).toContainEqual({ type: 'progress', topic: 'dryrun', message });
    for (const type of ['would-stop-service', 'would-restart-service'])
      expect(events).toContainEqual({ type, service: 'kubelet' });
  });

  test('puts the CA into its directory although caCertPath is elsewhere', async () => {
    const host = await machine();
    const { error } = await dryRun(host, {
      fields: {
        caCertPath: '/srv/cluster-ca.crt',
        discovery: {
          bootstrapToken: { token, apiServerEndpoint: endpoint, unsafeSkipCAVerification: true },
        },
      },
    });
    expect(error).toBeUndefined();
    expect(written(host)).toContain(`${directory}/ca.crt`);
    expect(host.snapshot()).not.toHaveProperty(['/srv/cluster-ca.crt']);
  });

  test('fails as the run would if the cluster does not accept the token', async () => {
    const host = await machine();
    host.api.intercept = ({ name }) =>
      name === 'kubeadm-config' ? new KubeApiError(401, 'Unauthorized', 'Unauthorized') : undefined;
    const { error } = await dryRun(host);
    expect(error).toMatchObject({ code: 'kube-api', details: { status: 401, tokenId: 'abcdef' } });
  });

  test('of a single phase finds the files of the one before it', async () => {
    const host = await machine();
    for (const phase of ['preflight', 'kubelet-start'])
      expect(await dryRun(host, { only: [phase] })).toMatchObject({ error: undefined });
    expect(written(host)).toEqual(workerFiles.map((name) => `${directory}/${name}`));
  });
});

describe('a dry run of join before the cluster exists', () => {
  test('makes up a cluster, and warns that its token and endpoint replace the given ones', async () => {
    const host = await machineBefore();
    const { error, events } = await dryRun(host);
    expect(error).toBeUndefined();
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'warning',
        code: 'dry-run-discovery-replaced',
        message: expect.stringContaining('abcdef.abcdef0123456789'),
      }),
    );
    expect(written(host)).toEqual(workerFiles.map((name) => `${directory}/${name}`));
    const { clusters, users } = parseKubeconfig(
      host.snapshot()[`${directory}/bootstrap-kubelet.conf`]?.text ?? '',
      '',
    );
    expect(clusters).toMatchObject([{ server: 'https://192.168.0.101:6443' }]);
    expect(users).toMatchObject([{ token }]);
    expect(host.snapshot()[`${directory}/config.yaml`]?.text).toContain('cgroupDriver: systemd');
  });

  test('asks only the server that was given, and only once', async () => {
    const host = await machineBefore();
    await dryRun(host);
    expect(host.api.requests).toHaveLength(1);
    expect(host.time.port.monotonic()).toBeLessThan(1_000);
  });

  test('has a CA that fits the CA hash of upstream', async () => {
    const host = await machineBefore();
    await dryRun(host);
    const hashes = caCertificateHashes(host.snapshot()[`${directory}/ca.crt`]?.text ?? '');
    expect(hashes).toEqual([madeUpDiscovery.caCertHash]);
  });
});
