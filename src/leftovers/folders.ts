/** Logs, temporary files and empty folders of a cluster. */
import type { FileReads } from '../host.ts';
import { mountPoints } from '../kubelet/unmount.ts';
import { joinPath } from '../lib/join-path.ts';
import {
  defaultCertificatesDir,
  defaultEtcdDataDir,
  kubeletDir,
  kubernetesDir,
  manifestsDir,
  temporaryDir,
} from '../names.ts';
import { type Item, type Items, joinItems, removeEach, search } from './search.ts';

const logFolders: readonly string[] = ['/var/log/containers', '/var/log/pods'];

/** The folders that kubeadm, the kubelet and the CNI plugins make. Each comes before its parent. */
const folders: readonly string[] = [
  manifestsDir,
  joinPath(defaultCertificatesDir, 'etcd'),
  defaultCertificatesDir,
  temporaryDir,
  kubernetesDir,
  kubeletDir,
  defaultEtcdDataDir,
  '/var/lib/cni',
  ...logFolders,
  '/usr/libexec/kubernetes/kubelet-plugins/volume/exec',
  '/usr/libexec/kubernetes/kubelet-plugins/volume',
  '/usr/libexec/kubernetes/kubelet-plugins',
  '/usr/libexec/kubernetes',
];

export const podLogs = search<string>({
  kind: 'log',
  lookedFor: `logs of Pods in ${logFolders.join(' and ')}`,
  find: async ({ files }) => {
    const items: Item<string>[] = [];
    for (const path of logFolders) {
      const names = (await files.list(path)) ?? [];
      if (names.length > 0)
        items.push({ name: path, reason: `logs of Pods, ${names.length} entries`, handle: path });
    }
    return { items };
  },
  remove: async ({ files }, items, signal) => {
    await removeEach(items, signal, files.removeContents);
  },
});

export const temporaryFiles = search<string>({
  kind: 'file',
  lookedFor: `files of kubeadm in ${temporaryDir}`,
  find: async ({ files }) => {
    const paths = ((await files.list(temporaryDir)) ?? []).map((name) => joinPath(temporaryDir, name));
    const isOwn = (path: string): boolean => path.startsWith(`${temporaryDir}/kubeadm-`);
    return {
      items: paths
        .filter(isOwn)
        .map((path) => ({ name: path, reason: 'a backup or a dry run of kubeadm', handle: path })),
      kept: paths.filter((path) => !isOwn(path)).map((name) => ({ name, reason: 'kubeadm did not make it' })),
    };
  },
  remove: async ({ files }, items, signal) => {
    await removeEach(items, signal, files.removeTree);
  },
});

export const emptyFolders = search<string>({
  kind: 'directory',
  lookedFor: `empty folders: ${folders.join(', ')}`,
  find: async ({ files }, { afterCleanup }) => {
    const mounts = mountPoints(await files.readText('/proc/mounts').catch(() => ''));
    const removable = new Set<string>();
    const results: Items<string>[] = [];
    for (const path of folders) {
      const found = await judge(files, path, { afterCleanup, mounts, removable });
      for (const { handle } of found.items) removable.add(handle);
      results.push(found);
    }
    return joinItems(results);
  },
  remove: async ({ files }, items, signal) => {
    await removeEach(items, signal, async (path) => {
      if ((await files.list(path))?.length === 0) await files.removeTree(path);
    });
  },
});

interface Judging {
  readonly afterCleanup: boolean;
  readonly mounts: readonly string[];
  /** The folders that are removed before this one. */
  readonly removable: ReadonlySet<string>;
}

async function judge(
  files: FileReads,
  path: string,
  { afterCleanup, mounts, removable }: Judging,
): Promise<Items<string>> {
  const stat = await files.lstat(path);
  if (stat === undefined) return { items: [] };
  const kept = (reason: string): Items<string> => ({ items: [], kept: [{ name: path, reason }] });
  if (stat.kind !== 'directory') return kept('it is not a folder that kubeadm made');
  if (mounts.includes(path)) return kept('something is mounted on it');
  const others = ((await files.list(path)) ?? []).filter((name) => !removable.has(joinPath(path, name)));
  if (others.length > 0 && afterCleanup) return kept(`it is not empty: ${others.slice(0, 5).join(', ')}`);
  return { items: [{ name: path, reason: 'a folder of the cluster, if it is empty by then', handle: path }] };
}
