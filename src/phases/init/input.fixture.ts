/** An input of init for tests: the defaults of a node cp1 at 10.11.0.10, and an admin.conf with a real CA. */

import { localClient } from '../../cluster/client.ts';
import type { ClusterConfiguration, InitConfiguration } from '../../config/hub.ts';
import { defaultCluster, defaultInit } from '../../config/v1beta4/defaults.ts';
import { ca, pin } from '../../discovery/discovery.fixture.ts';
import type { Emit, KubeadmEvent } from '../../events.ts';
import { createMemoryHost, type MemoryHost, type MemoryHostOptions } from '../../host/memory/index.ts';
import type { Host } from '../../host.ts';
import { releaseOf } from '../../releases/index.ts';
import { kubeadmVersion } from '../../versions.ts';
import { createRunScope } from '../run-scope.ts';
import { clientOptions } from './api.ts';
import type { InitContext, InitInput, InitOptions, InitPhase } from './input.ts';

export const certificateKey = '0123456789abcdef'.repeat(4);
export const token = 'abcdef.0123456789abcdef';

/** An ECDSA CA and the pin of its public key, as openssl computes it. */
export const [caPem, caPin] = [ca, pin];

const initConfiguration = defaultInit({
  bootstrapTokens: [{ token }],
  nodeRegistration: {
    name: 'cp1',
    criSocket: 'unix:///var/run/containerd/containerd.sock',
    taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
  },
  localAPIEndpoint: { advertiseAddress: '10.11.0.10' },
  certificateKey,
});

const clusterConfiguration = defaultCluster({ kubernetesVersion: kubeadmVersion });

export interface InputChanges {
  readonly init?: Partial<InitConfiguration>;
  readonly cluster?: Partial<ClusterConfiguration>;
  readonly options?: Partial<InitOptions>;
  readonly kubeconfig?: string;
  readonly kubelet?: InitInput['kubelet'];
}

export function initInput(changes: InputChanges = {}): InitInput {
  const cluster = { ...clusterConfiguration, ...changes.cluster };
  return {
    init: { ...initConfiguration, ...changes.init },
    cluster,
    release: releaseOf(cluster.kubernetesVersion),
    kubelet: changes.kubelet ?? {
      data: { healthzBindAddress: '127.0.0.1', healthzPort: 10248, kind: 'KubeletConfiguration' },
      userSupplied: false,
    },
    kubeProxy: { data: {}, userSupplied: false },
    options: {
      uploadCerts: false,
      skipCertificateKeyPrint: false,
      skipTokenPrint: false,
      printManifest: false,
      ignorePreflightErrors: [],
      certificateKey,
      uploadToken: 'fedcba.fedcba9876543210',
      ...changes.options,
    },
    startTime: new Date('2026-01-02T03:04:05Z'),
    paths: {
      kubeconfigDir: '/etc/kubernetes',
      kubeconfig: changes.kubeconfig ?? '/etc/kubernetes/admin.conf',
    },
    patches: undefined,
    externalCA: false,
    externalFrontProxyCA: false,
    toRecord: { documents: '' },
    unfinished: undefined,
  };
}

/** A kubeconfig with one user, as kubeadm writes it. Its key is not a real one. */
export function kubeconfigText(user: string, server = 'https://lb.example:7443'): string {
  const data = (text: string): string => Buffer.from(text).toString('base64');
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${data(caPem)}
    server: ${server}
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: ${user}
  name: ${user}@kubernetes
current-context: ${user}@kubernetes
kind: Config
users:
- name: ${user}
  user:
    client-certificate-data: ${data(caPem)}
    client-key-data: ${data('-----BEGIN EC PRIVATE KEY-----\nsecretsecret\n-----END EC PRIVATE KEY-----\n')}
`;
}

/** A control plane whose API server answers. */
export function controlPlaneHost(options: MemoryHostOptions = {}): MemoryHost {
  return createMemoryHost({
    hostname: 'cp1',
    ...options,
    files: {
      '/etc/kubernetes/admin.conf': kubeconfigText('kubernetes-admin'),
      '/etc/kubernetes/super-admin.conf': kubeconfigText('kubernetes-super-admin'),
      ...options.files,
    },
  });
}

/** The context that a single phase of `init` gets from its run. */
export function initContext(input: InitInput, host: Host, emit: Emit): InitContext {
  return {
    emit,
    signal: new AbortController().signal,
    limitsStart: Promise.resolve(),
    scope: createRunScope((asker) => localClient(host, clientOptions(input, true), asker)),
  };
}

export interface Ran {
  readonly events: readonly KubeadmEvent[];
  readonly error: unknown;
}

/** Runs a phase, then its children. */
export async function runPhase(phase: InitPhase, input: InitInput, host: MemoryHost): Promise<Ran> {
  const events: KubeadmEvent[] = [];
  const context = initContext(input, host, (event) => void events.push(event));
  try {
    await phase.run?.(input, host, context);
    for (const child of phase.children ?? []) await child.run?.(input, host, context);
    return { events, error: undefined };
  } catch (error) {
    return { events, error };
  }
}
