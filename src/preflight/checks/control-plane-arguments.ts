import type { InitConfiguration, InitFamilyConfig } from '../../config/hub.ts';
import { etcdPod } from '../../manifests/etcd.ts';
import { kubeApiserverPod } from '../../manifests/kube-apiserver.ts';
import { kubeControllerManagerPod } from '../../manifests/kube-controller-manager.ts';
import { kubeSchedulerPod } from '../../manifests/kube-scheduler.ts';
import { manifestInput } from '../../manifests/manifest-input.ts';
import type { Pod } from '../../manifests/pod.ts';
import type { ManifestInput } from '../../manifests/static-pod.ts';
import { type Check, type CheckHost, passed, warn } from '../check.ts';
import { dryArguments, refusalIn } from '../dry-form.ts';
import { findImageProgram } from '../image-programs.ts';

/** A component that refuses its arguments has ended by then. */
const timeoutMs = 3_000;

/**
 * Warns of extraArgs that a component refuses. It asks the component's own program, if containerd has its image: the
 * program checks the arguments and ends before it opens a file or a port. A component without extraArgs is not asked.
 * Upstream has no such check.
 */
export function controlPlaneArguments(config: Pick<InitFamilyConfig, 'cluster' | 'init' | 'release'>): Check {
  return {
    name: 'ControlPlaneArguments',
    check: async (host) => {
      if (!hasExtraArgs(config)) return passed;
      const rootDirectory = await containerdRoot(host, config.init);
      if (rootDirectory === undefined) return passed;
      const pods = podsWithExtraArgs(await manifestInput({ ...config, externalCA: false }, host));
      const found = pods.map(async (pod) => await refusalOf(host, pod, rootDirectory));
      return warn(...(await Promise.all(found)).filter((text) => text !== undefined));
    },
  };
}

function hasExtraArgs({ cluster }: Pick<InitFamilyConfig, 'cluster'>): boolean {
  const { apiServer, controllerManager, etcd, scheduler } = cluster;
  const all = [apiServer, controllerManager, scheduler, ...(etcd.local === undefined ? [] : [etcd.local])];
  return all.some(({ extraArgs }) => extraArgs.length > 0);
}

async function containerdRoot(
  { cri: connect }: Pick<CheckHost, 'cri'>,
  { nodeRegistration }: InitConfiguration,
): Promise<string | undefined> {
  const client = connect(nodeRegistration.criSocket);
  try {
    return (await client.settings()).rootDirectory;
  } catch {
    return undefined;
  } finally {
    client.close();
  }
}

/** A Pod, and the part of its program's version that identifies it. */
interface AskedPod {
  readonly pod: Pod;
  readonly version: string;
}

function podsWithExtraArgs(input: ManifestInput): readonly AskedPod[] {
  const { apiServer, controllerManager, etcd, kubernetesVersion, scheduler } = input.cluster;
  const version = `Kubernetes ${kubernetesVersion}`;
  const has = ({ extraArgs }: { readonly extraArgs: readonly unknown[] }): boolean => extraArgs.length > 0;
  return [
    ...(has(apiServer) ? [{ pod: kubeApiserverPod(input), version }] : []),
    ...(has(controllerManager) ? [{ pod: kubeControllerManagerPod(input), version }] : []),
    ...(has(scheduler) ? [{ pod: kubeSchedulerPod(input), version }] : []),
    ...(etcd.local !== undefined && has(etcd.local)
      ? [{ pod: etcdPod(input, etcd.local), version: etcdVersion(input) }]
      : []),
  ];
}

/** Its tag can have the number of a build, as `3.6.8-0` has. */
function etcdVersion({ cluster, release }: ManifestInput): string {
  const tag = cluster.etcd.local?.imageTag || release.images.etcd;
  return `etcd Version: ${tag.replace(/^v|-.*$/g, '')}`;
}

async function refusalOf(
  host: CheckHost,
  { pod, version }: AskedPod,
  rootDirectory: string,
): Promise<string | undefined> {
  const component = pod.metadata.name;
  const path = await findImageProgram(host, { program: component, rootDirectory, version });
  if (path === undefined) return undefined;
  const [, ...args] = pod.spec.containers[0]?.command ?? [];
  const answer = await host.exec
    .probe(path, dryArguments(component, args), { timeoutMs })
    .catch(() => undefined);
  const refusal = answer === undefined ? undefined : refusalIn(component, answer);
  return refusal === undefined ? undefined : `${refusal}: correct its extraArgs`;
}
