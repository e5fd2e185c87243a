/** The control groups of Pods, which the kubelet makes with either of its cgroup drivers. Source: pkg/kubelet/cm. */
import type { FileReads } from '../host.ts';
import { joinPath } from '../lib/join-path.ts';
import { runOrFail } from './programs.ts';
import { type Item, removeEach, search } from './search.ts';

const root = '/sys/fs/cgroup';
/** With the driver systemd, it is a unit. */
const slice = 'kubepods.slice';
/** With the driver cgroupfs, it is a folder in each hierarchy. */
const group = 'kubepods';

type Handle = { readonly slice: string } | { readonly folder: string };

export const cgroups = search<Handle>({
  kind: 'cgroup',
  lookedFor: `control groups of Pods: ${group} and ${slice} in ${root}`,
  find: async ({ files }) => {
    const hierarchies = [root, ...(await foldersIn(files, root))];
    const items: Item<Handle>[] = [];
    for (const hierarchy of hierarchies) {
      const names = (await foldersIn(files, hierarchy)).map((path) => path.slice(hierarchy.length + 1));
      if (names.includes(group)) {
        const folder = joinPath(hierarchy, group);
        items.push({ name: folder, reason: 'the kubelet made it', handle: { folder } });
      }
      if (names.includes(slice) && !items.some(({ name }) => name === slice)) {
        items.push({ name: slice, reason: 'the kubelet made this unit of systemd', handle: { slice } });
      }
    }
    return { items };
  },
  remove: async (host, items, signal) => {
    await removeEach(items, signal, async (handle) => {
      if ('slice' in handle) return await runOrFail(host, ['systemctl', 'stop', handle.slice], { signal });
      // A control group is removed as a folder, and its files disappear with it.
      const folders = await treeOf(host.files, handle.folder);
      await runOrFail(host, ['rmdir', '--', ...folders], { signal });
    });
  },
});

/** All folders of a tree, each before its parent. */
async function treeOf(files: FileReads, folder: string): Promise<readonly string[]> {
  const below: string[] = [];
  for (const path of await foldersIn(files, folder)) below.push(...(await treeOf(files, path)));
  return [...below, folder];
}

async function foldersIn(files: FileReads, folder: string): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const name of (await files.list(folder)) ?? []) {
    const path = joinPath(folder, name);
    if ((await files.lstat(path))?.kind === 'directory') folders.push(path);
  }
  return folders;
}
