/** The shape that the static Pods share. Source: cmd/kubeadm/app/util/staticpod/utils.go. */
import type { APIEndpoint, ClusterConfiguration, EnvVar } from '../config/hub.ts';
import type { FileReads, SystemReads } from '../host.ts';
import { toYaml } from '../lib/yaml/write.ts';
import type { Release, StaticPodName } from '../releases/release.ts';
import type { Container, Pod, Volume } from './pod.ts';
import { probePort } from './probes.ts';
import { caDirectoryCandidates } from './volumes.ts';

/** The input of all manifests. */
export interface ManifestInput {
  readonly cluster: ClusterConfiguration;
  /** The release of the cluster's version. */
  readonly release: Release;
  readonly endpoint: APIEndpoint;
  readonly nodeName: string;
  /** The value of timeouts.controlPlaneComponentHealthCheck, in milliseconds. */
  readonly healthCheckTimeout: number;
  readonly externalCA: boolean;
  readonly facts: HostFacts;
}

/** Facts about the machine that the manifests need. */
export interface HostFacts {
  /** The existing directories of `caDirectoryCandidates`. */
  readonly caDirectories: readonly string[];
  /** The proxy variables of this process. */
  readonly proxyEnvironment: readonly EnvVar[];
}

export async function readHostFacts(host: {
  readonly files: Pick<FileReads, 'stat'>;
  readonly system: Pick<SystemReads, 'environment'>;
}): Promise<HostFacts> {
  const there = await Promise.all(
    caDirectoryCandidates.map(async (path) => (await host.files.stat(path)) !== undefined),
  );
  return {
    caDirectories: caDirectoryCandidates.filter((_, index) => there[index]),
    proxyEnvironment: proxyEnvironment(host.system.environment()),
  };
}

/** Variables whose name ends with `_proxy`, in any case, and whose value is not empty. */
export function proxyEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): readonly EnvVar[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    name.toLowerCase().endsWith('_proxy') && value ? [{ name, value }] : [],
  );
}

/** One variable per name, sorted by name; later lists win. */
export function mergeEnvironment(...lists: readonly (readonly EnvVar[])[]): readonly EnvVar[] {
  const merged = new Map(lists.flat().map((variable) => [variable.name, variable]));
  return [...merged.values()].map(withoutEmptyValue).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export interface StaticPodParts {
  readonly name: StaticPodName;
  readonly container: Omit<Container, 'name' | 'imagePullPolicy' | 'env' | 'ports'>;
  readonly port: number;
  readonly environment: readonly EnvVar[];
  readonly volumes: readonly Volume[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export function staticPod(parts: StaticPodParts): Pod {
  const { name, annotations, environment } = parts;
  const container: Container = {
    name,
    imagePullPolicy: 'IfNotPresent',
    ...parts.container,
    ports: [{ name: probePort, containerPort: parts.port, protocol: 'TCP' }],
    ...(environment.length > 0 ? { env: environment } : {}),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'kube-system',
      labels: { component: name, tier: 'control-plane' },
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: {
      containers: [container],
      hostNetwork: true,
      // This is the priority of system-node-critical. Admission does not set it for a static Pod.
      priority: 2000001000,
      priorityClassName: 'system-node-critical',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      volumes: parts.volumes,
    },
    status: {},
  };
}

/** The text of the manifest file. */
export function formatPod(pod: object): string {
  return toYaml(pod);
}

function withoutEmptyValue(variable: EnvVar): EnvVar {
  const { name, value, valueFrom } = variable;
  return { name, ...(value ? { value } : {}), ...(valueFrom === undefined ? {} : { valueFrom }) };
}
