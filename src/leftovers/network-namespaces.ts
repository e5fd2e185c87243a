/** The network namespaces of Pods, which the container runtime keeps as mounts in /run/netns. */
import { FileError } from '../errors.ts';
import type { Host } from '../host.ts';
import { joinPath } from '../lib/join-path.ts';
import { listing } from './programs.ts';
import {
  type Item,
  type Items,
  joinItems,
  removeEach,
  type SearchContext,
  type SearchHost,
  search,
} from './search.ts';

const directory = '/run/netns';

export const networkNamespaces = search<string>({
  kind: 'network-namespace',
  lookedFor: `network namespaces ${directory}/cni-* in which no process runs`,
  find: async (host, context) => {
    const names = ((await host.files.list(directory)) ?? []).filter((name) => name.startsWith('cni-'));
    const results: Items<string>[] = [];
    for (const name of names) results.push(await find(host, name, context));
    return joinItems(results);
  },
  remove: async (host, items, signal) => {
    await removeEach(items, signal, async (path) => await removeNamespace(host, path));
  },
});

async function find(
  host: SearchHost,
  name: string,
  { afterCleanup, signal }: SearchContext,
): Promise<Items<string>> {
  const path = joinPath(directory, name);
  const item: Item<string> = { name: path, reason: 'the network namespace of a removed Pod', handle: path };
  // Before the Pods are removed, their processes run in them.
  if (!afterCleanup) return { items: [item] };
  const listed = await listing(host, ['ip', 'netns', 'pids', name], signal);
  if ('notSearched' in listed) {
    return {
      items: [],
      kept: [{ name: path, reason: `nothing shows that it is unused, because ${listed.notSearched}` }],
    };
  }
  const processes = listed.stdout.split(/\s+/).filter((id) => id !== '');
  if (processes.length === 0) return { items: [item] };
  const reason = `processes that do not belong to a Pod run in it: ${processes.join(', ')}`;
  return { items: [], kept: [{ name: path, reason }] };
}

async function removeNamespace(
  { files, mounts }: Pick<Host, 'files' | 'mounts'>,
  path: string,
): Promise<void> {
  try {
    await mounts.unmount(path, []);
  } catch (error) {
    // EINVAL: a run that was cut off has already unmounted it, and the empty file is left.
    if (!(error instanceof FileError && error.errno === 'EINVAL')) throw error;
  }
  await files.remove(path);
}
