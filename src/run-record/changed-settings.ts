/** Finds settings that must not change between two tries of `init`, because results of the first try contain them. */
import { type BakedInto, bakedIn } from '../config/baked-in.ts';
import type { FileReads } from '../host.ts';
import { kubeconfigs } from '../kubeconfig/table.ts';
import { kubernetesDir, manifestsDir } from '../names.ts';
import { certificates, serviceAccountBaseName } from '../pki/certificates.ts';
import { certificatePath, publicKeyPath } from '../pki/files.ts';
import { certificatesDirOf, type Documents, etcdDataDirOf, valueAt } from './documents.ts';

export interface SettingsChange {
  /** `ClusterConfiguration.apiServer.certSANs`. */
  readonly path: string;
  /** The value as a user writes it; undefined if it is not set. */
  readonly before: string | undefined;
  readonly now: string | undefined;
  /** Clauses that name the things with the old value, such as `it is part of /etc/kubernetes/pki/apiserver.crt`. */
  readonly reasons: readonly string[];
}

interface Reads {
  readonly files: FileReads;
}

/** The changes that must be refused, because something that exists and is kept has the old value. */
export async function refusedChanges(
  host: Reads,
  before: Documents,
  now: Documents,
): Promise<readonly SettingsChange[]> {
  const changes: SettingsChange[] = [];
  for (const [path, things] of Object.entries(bakedIn)) {
    const [old, given] = [words(valueAt(before, path)), words(valueAt(now, path))];
    if (old === given) continue;
    const reasons: string[] = [];
    for (const thing of things) reasons.push(...(await reasonOf(host, thing, before)));
    if (reasons.length > 0) changes.push({ path, before: old, now: given, reasons });
  }
  return changes;
}

/** `path: was a, is now b; it is part of …`. */
export function describeChange({ before, now, path, reasons }: SettingsChange): string {
  const was = before === undefined ? 'was not set' : `was ${before}`;
  const is = now === undefined ? 'is not set now' : `is now ${now}`;
  return `${path} ${was} and ${is}: ${reasons.join(', and ')}`;
}

/** Returns an empty list if the thing does not exist or each try writes it again. */
async function reasonOf(host: Reads, thing: BakedInto, before: Documents): Promise<readonly string[]> {
  switch (thing.kind) {
    case 'certificate':
      return partOf(await existing(host, certificatePaths(thing.names, certificatesDirOf(before))));
    case 'kubeconfig': {
      const files = thing.files ?? kubeconfigs.map(({ file }) => file);
      return partOf(
        await existing(
          host,
          files.map((file) => `${kubernetesDir}/${file}`),
        ),
      );
    }
    case 'etcd-data':
      return (await hasEtcdData(host, before))
        ? [`it is part of the data of etcd in ${etcdDataDirOf(before)}`]
        : [];
    case 'immutable':
      return (await mayHaveStarted(host, before))
        ? ['a cluster cannot change it after its API server has started']
        : [];
    case 'file-owners':
      return (await existing(host, certificatePaths(undefined, certificatesDirOf(before)))).length > 0
        ? ['it decides who owns the files that are there']
        : [];
    case 'static-pod':
    case 'kubelet-file':
    case 'cluster-object':
      return [];
  }
}

async function hasEtcdData({ files }: Reads, before: Documents): Promise<boolean> {
  const directory = etcdDataDirOf(before);
  if (directory === undefined) return false;
  return ((await files.list(directory).catch(() => undefined)) ?? []).length > 0;
}

/** Whether the API server may have started: it has its manifest, and etcd has data. */
async function mayHaveStarted(host: Reads, before: Documents): Promise<boolean> {
  const [manifest] = await existing(host, [`${manifestsDir}/kube-apiserver.yaml`]);
  if (manifest === undefined) return false;
  return etcdDataDirOf(before) === undefined || (await hasEtcdData(host, before));
}

function certificatePaths(names: readonly string[] | undefined, directory: string): readonly string[] {
  const chosen = certificates.filter(({ name }) => names === undefined || names.includes(name));
  return [
    ...chosen.map(({ baseName }) => certificatePath(directory, baseName)),
    ...(names === undefined ? [publicKeyPath(directory, serviceAccountBaseName)] : []),
  ];
}

async function existing({ files }: Reads, paths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) {
    if ((await files.lstat(path).catch(() => undefined)) !== undefined) found.push(path);
  }
  return found;
}

/** Names up to two files, and counts more. */
function partOf(paths: readonly string[]): readonly string[] {
  const [first, second, ...more] = paths;
  if (first === undefined) return [];
  if (second === undefined) return [`it is part of ${first}`];
  if (more.length === 0) return [`it is part of ${first} and ${second}`];
  return [`it is part of ${first} and ${paths.length - 1} more files`];
}

/** Treats a list as a set, because the order of its values has no effect on a certificate. */
function words(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.length === 0 ? undefined : [...new Set(items.map(String))].sort().join(', ');
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
