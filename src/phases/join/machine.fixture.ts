/** A cluster that `init` has made, and machines that can join it. */
import { createHmac } from 'node:crypto';
import type { KubeObject } from '../../clients/kube/kube-client.ts';
import { caCertificateHashes } from '../../cluster/certificate-hash.ts';
import { createMemoryHost, type MemoryHost, type MemoryHostOptions } from '../../host/memory/index.ts';
import { buildClientKubeconfig } from '../../kubeconfig/build.ts';
import { formatKubeconfig } from '../../kubeconfig/write.ts';
import { at } from '../../lib/is-record.ts';
import { loadAuthority } from '../../pki/ca.ts';
import { authoritySpec } from '../../pki/certificates.ts';
import { initInput } from '../init/input.fixture.ts';
import { machineFiles, machinePrograms, readyMachine } from '../init/machine.fixture.ts';
import type { InitRequest } from '../init/request.ts';
import { runInit } from '../init/run.ts';
import type { JoinRequest } from './request.ts';

export const token = 'abcdef.0123456789abcdef';
export const endpoint = '10.0.0.5:6443';

export interface JoinableCluster {
  readonly objects: readonly KubeObject[];
  /** PEM. */
  readonly authority: string;
  /** The certificates and keys of the first machine, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** `sha256:…`. */
  readonly caCertHash: string;
  /** Returns certificate and key of the kubelet of a node, as PEM. */
  readonly signKubelet: (nodeName: string) => Promise<string>;
}

/**
 * Runs `init` with the endpoint 10.0.0.5:6443, and signs cluster-info as the controller manager does.
 *
 * @param more.cluster fields of ClusterConfiguration
 * @param more.certificateKey with it, the certificates are uploaded
 */
export async function createCluster(
  more: {
    readonly cluster?: NonNullable<NonNullable<InitRequest['fields']>['cluster']>;
    readonly certificateKey?: string;
    readonly machine?: MemoryHostOptions;
  } = {},
): Promise<JoinableCluster> {
  const { certificateKey = '' } = more;
  const host = readyMachine({ hostname: 'cp1', ...more.machine });
  await runInit(host, {
    uploadCerts: certificateKey !== '',
    fields: {
      init: {
        localAPIEndpoint: { advertiseAddress: '10.0.0.5' },
        bootstrapTokens: [{ token }],
        certificateKey,
      },
      cluster: {
        kubernetesVersion: 'v1.36.2',
        encryptionAlgorithm: 'ECDSA-P256',
        controlPlaneEndpoint: endpoint,
        ...more.cluster,
      },
    },
  });
  const authority = await host.files.readText('/etc/kubernetes/pki/ca.crt');
  return {
    objects: host.api.all().map(signed),
    authority,
    files: Object.fromEntries(
      Object.entries(host.snapshot('/etc/kubernetes/pki')).flatMap(([path, { text }]) =>
        text === undefined ? [] : [[path, text]],
      ),
    ),
    caCertHash: caCertificateHashes(authority)[0] ?? '',
    signKubelet: async (nodeName) => {
      const where = { spec: authoritySpec('ca'), directory: '/etc/kubernetes/pki' };
      const { users } = await buildClientKubeconfig(host, {
        input: initInput(),
        authority: await loadAuthority(host, where, () => undefined),
        server: `https://${endpoint}`,
        user: `system:node:${nodeName}`,
        organizations: ['system:nodes'],
      });
      return `${users[0]?.clientCertificateData ?? ''}${users[0]?.clientKeyData ?? ''}`;
    },
  };
}

function signed(object: KubeObject): KubeObject {
  return object.metadata.name === 'cluster-info' && object.kind === 'ConfigMap'
    ? signedWith(token, object)
    : object;
}

/** Returns cluster-info with the signature of this token, and no other one. */
export function signedWith(bootstrapToken: string, object: KubeObject): KubeObject {
  const [id = '', secret = ''] = bootstrapToken.split('.');
  const encode = (text: string): string => Buffer.from(text).toString('base64url');
  const header = encode(JSON.stringify({ alg: 'HS256', kid: id }));
  const payload = encode(String(at(object, 'data', 'kubeconfig')));
  const signature = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url');
  const kubeconfig = at(object, 'data', 'kubeconfig');
  return { ...object, data: { kubeconfig, [`jws-kubeconfig-${id}`]: `${header}..${signature}` } };
}

/** The flags of the join of a worker that discovers the cluster with a token. */
export function workerFields(
  { caCertHash }: JoinableCluster,
  bootstrapToken = token,
): NonNullable<JoinRequest['fields']> {
  return {
    discovery: {
      bootstrapToken: { token: bootstrapToken, apiServerEndpoint: endpoint, caCertHashes: [caCertHash] },
    },
  };
}

const pem = '/var/lib/kubelet/pki/kubelet-client-current.pem';

/** A machine that passes every check of `join`, and whose kubelet gets its certificate at once. */
export async function joiningMachine(
  cluster: JoinableCluster,
  { nodeName = 'node1', ...options }: MemoryHostOptions & { readonly nodeName?: string } = {},
): Promise<MemoryHost> {
  const host = createMemoryHost({
    hostname: nodeName,
    ...options,
    files: { ...machineFiles, ...options.files },
    programs: { ...machinePrograms, ...options.programs },
  });
  host.machine.sockets.add('/var/run/containerd/containerd.sock');
  host.machine.answers.set(`https://${endpoint}/livez`, { status: 200, body: 'ok' });
  for (const object of cluster.objects) host.api.put(object);
  const certificate = await cluster.signKubelet(nodeName);
  host.units.set('kubelet', {
    enabled: true,
    active: false,
    onStart: () => startKubelet(host, { nodeName, certificate }),
  });
  return host;
}

/**
 * The kubelet exchanges the bootstrap token for a certificate, and registers its Node. It ends at once if it has neither
 * a token nor a certificate.
 */
function startKubelet(
  host: MemoryHost,
  { certificate, nodeName }: { readonly nodeName: string; readonly certificate: string },
): void {
  const files = host.snapshot('/etc/kubernetes');
  const hasKubeconfig = ['bootstrap-kubelet.conf', 'kubelet.conf'].some(
    (name) => files[`/etc/kubernetes/${name}`] !== undefined,
  );
  if (!hasKubeconfig) return;
  host.machine.answers.set('http://127.0.0.1:10248/healthz', { status: 200, body: 'ok' });
  const server = `https://${endpoint}`;
  const kubeconfig = formatKubeconfig({
    currentContext: 'default-context',
    clusters: [{ name: 'default-cluster', server }],
    contexts: [{ name: 'default-context', cluster: 'default-cluster', user: 'default-auth' }],
    users: [{ name: 'default-auth', clientCertificate: pem, clientKey: pem }],
  });
  host.disk.put({
    [pem]: { data: certificate, mode: 0o600 },
    '/etc/kubernetes/kubelet.conf': { data: kubeconfig, mode: 0o600 },
  });
  if (host.api.find({ apiVersion: 'v1', kind: 'Node', name: nodeName }) !== undefined) return;
  host.api.create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: nodeName, labels: { 'kubernetes.io/hostname': nodeName } },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
}
