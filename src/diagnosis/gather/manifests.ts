import type { Clock, FileReads } from '../../host.ts';
import { isRecord } from '../../lib/is-record.ts';
import { parseYaml } from '../../lib/yaml/read.ts';
import { readManifest } from '../../manifests/read-manifest.ts';
import {
  controllerManagerConf,
  controlPlaneComponents,
  kubernetesDir,
  manifestPath,
  schedulerConf,
  staticPods,
} from '../../names.ts';

interface Reads {
  readonly files: FileReads;
}

/**
 * The static Pods that a control plane needs and whose manifests are not here. A machine is a control plane if it has one
 * of them, or the kubeconfig of the controller manager or the scheduler.
 */
export async function gatherMissingManifests(host: Reads): Promise<readonly string[]> {
  const exists = async (path: string): Promise<boolean> => (await host.files.stat(path)) !== undefined;
  const present = await Promise.all(
    controlPlaneComponents.map(async (name) => await exists(manifestPath(name))),
  );
  const files = [controllerManagerConf, schedulerConf].map(
    async (name) => await exists(`${kubernetesDir}/${name}`),
  );
  if (![...present, ...(await Promise.all(files))].includes(true)) return [];
  const missing = controlPlaneComponents.filter((_, index) => present[index] === false);
  return (await needsEtcd(host)) && !(await exists(manifestPath('etcd'))) ? ['etcd', ...missing] : missing;
}

/** The kubelet reads a manifest again at the latest after this time. */
const readAgainMs = 25_000;

/** Whether a manifest is a Pod and was changed so lately that the kubelet may not have read it. */
export async function isJustCorrected(
  { clock, files }: Reads & { readonly clock: Pick<Clock, 'now'> },
  path: string,
): Promise<boolean> {
  try {
    const stat = await files.stat(path);
    if (stat === undefined || clock.now().getTime() - stat.modifiedAt > readAgainMs) return false;
    const value = parseYaml(await files.readText(path));
    return isRecord(value) && value.kind === 'Pod';
  } catch {
    return false;
  }
}

/** The limits of processor time of the static Pods, in thousandths of a processor. */
export async function gatherCpuLimits(host: Reads): Promise<Readonly<Record<string, number>>> {
  const limits = await Promise.all(
    staticPods.map(async (name) => {
      const limit = (await readManifest(host, name).catch(() => undefined))?.cpuLimit;
      const [, number, milli] = /^([\d.]+)(m?)$/.exec(limit ?? '') ?? [];
      return number === undefined ? [] : [[name, Number(number) * (milli === 'm' ? 1 : 1000)] as const];
    }),
  );
  return Object.fromEntries(limits.flat());
}

/** Whether the API server connects to the etcd of this machine. */
async function needsEtcd(host: Reads): Promise<boolean> {
  const manifest = await readManifest(host, 'kube-apiserver');
  return /\/\/(?:127\.0\.0\.1|\[::1\]|localhost):/.test(manifest?.flags.get('etcd-servers') ?? '');
}
