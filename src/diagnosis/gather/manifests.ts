import type { Clock, FileReads } from '../../host.ts';
import { at, isRecord } from '../../lib/is-record.ts';
import { parseYaml } from '../../lib/yaml/read.ts';
import {
  controllerManagerConf,
  controlPlaneComponents,
  kubernetesDir,
  manifestPath,
  manifestsDir,
  runRecordFile,
  schedulerConf,
  staticPods,
} from '../../names.ts';
import type { DuplicateManifestFacts } from '../setup-facts.ts';
import type { Configured } from './configured.ts';

interface Reads {
  readonly files: FileReads;
}

/**
 * The static Pods that a control plane needs and whose manifests are not here. A machine is a control plane if it has one
 * of them, or the kubeconfig of the controller manager or the scheduler. A join writes the manifest of etcd after the others,
 * and removes it if it fails, so that manifest is not missing beside the record of a run.
 */
export async function gatherMissingManifests(
  host: Reads,
  configured: Pick<Configured, 'manifests'>,
): Promise<readonly string[]> {
  const exists = async (path: string): Promise<boolean> => (await host.files.stat(path)) !== undefined;
  const present = await Promise.all(
    controlPlaneComponents.map(async (name) => await exists(manifestPath(name))),
  );
  const files = [controllerManagerConf, schedulerConf].map(
    async (name) => await exists(`${kubernetesDir}/${name}`),
  );
  if (![...present, ...(await Promise.all(files))].includes(true)) return [];
  const missing = controlPlaneComponents.filter((_, index) => present[index] === false);
  const withoutEtcd = needsEtcd(configured) && !(await exists(manifestPath('etcd')));
  return withoutEtcd && !(await exists(runRecordFile)) ? ['etcd', ...missing] : missing;
}

/**
 * Other files whose Pods have the names of static Pods, such as copies with the suffix `.bak`. The kubelet reads each file whose
 * name does not begin with a dot, and runs one Pod of each name. Source: pkg/kubelet/config/file.go, config.go.
 */
export async function gatherDuplicateManifests({ files }: Reads): Promise<readonly DuplicateManifestFacts[]> {
  const names = (await files.list(manifestsDir)) ?? [];
  const own = staticPods.map((name) => `${name}.yaml`);
  const others = names.filter((name) => !name.startsWith('.') && !own.includes(name));
  const found = await Promise.all(
    others.toSorted().map(async (name) => {
      const path = `${manifestsDir}/${name}`;
      const component = await componentIn(files, path).catch(() => undefined);
      return component === undefined ? [] : [{ component, path }];
    }),
  );
  return found.flat();
}

async function componentIn(files: FileReads, path: string): Promise<string | undefined> {
  const value = parseYaml(await files.readText(path));
  const name = at(value, 'metadata', 'name');
  return at(value, 'kind') === 'Pod' ? staticPods.find((component) => component === name) : undefined;
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

/** The addresses in etcd-servers of the API server. An entry that is not a URL with a port is left out. */
export function etcdServers({ manifests }: Pick<Configured, 'manifests'>): readonly string[] {
  const urls = manifests.get('kube-apiserver')?.flags.get('etcd-servers')?.split(',') ?? [];
  return urls.flatMap((url) => /^https?:\/\/([^/]+:\d+)\/?$/.exec(url.trim())?.[1] ?? []);
}

/** The limits of processor time of the static Pods, in thousandths of a processor. */
export function cpuLimits({ manifests }: Pick<Configured, 'manifests'>): Readonly<Record<string, number>> {
  const limits = [...manifests].flatMap(([name, { cpuLimit }]) => {
    const [, number, milli] = /^([\d.]+)(m?)$/.exec(cpuLimit ?? '') ?? [];
    return number === undefined ? [] : [[name, Number(number) * (milli === 'm' ? 1 : 1000)] as const];
  });
  return Object.fromEntries(limits);
}

/** Whether the API server connects to the etcd of this machine. */
function needsEtcd({ manifests }: Pick<Configured, 'manifests'>): boolean {
  const servers = manifests.get('kube-apiserver')?.flags.get('etcd-servers') ?? '';
  return /\/\/(?:127\.0\.0\.1|\[::1\]|localhost):/.test(servers);
}
