/** The configuration and the state of CNI plugins. */
import { joinPath } from '../lib/join-path.ts';
import { type Items, joinItems, removeEach, type SearchHost, search } from './search.ts';

export const cniConfigurationDir = '/etc/cni/net.d';
const stateDir = '/var/lib/cni';

/** Files that other programs than a cluster use. Their packages install them, or the programs make them. */
const ownersOfFiles: readonly (readonly [pattern: RegExp, owner: string])[] = [
  [/podman/, 'Podman'],
  [/nerdctl/, 'nerdctl'],
  [/crio/, 'the package of CRI-O'],
];

/** Folders that network plugins make below the configuration. */
const pluginFolders: ReadonlySet<string> = new Set(['calico-tls', 'multus.d', 'whereabouts.d']);

export const cniConfiguration = search<string>({
  kind: 'cni-configuration',
  lookedFor: `files in ${cniConfigurationDir}`,
  find: async ({ files }) => {
    const results: Items<string>[] = [];
    for (const name of (await files.list(cniConfigurationDir)) ?? []) {
      const path = joinPath(cniConfigurationDir, name);
      const isFolder = (await files.lstat(path))?.kind === 'directory';
      const owner =
        ownerOf(name) ?? (isFolder && !pluginFolders.has(name) ? 'an unknown program' : undefined);
      results.push(resultOf(path, owner, 'the configuration of a CNI plugin'));
    }
    return joinItems(results);
  },
  remove: async ({ files }, items, signal) => {
    await removeEach(items, signal, files.removeTree);
  },
});

export const cniState = search<string>({
  kind: 'cni-state',
  lookedFor: `addresses and results of CNI plugins in ${stateDir}`,
  find: async (host) => {
    const results: Items<string>[] = [];
    for (const name of await entriesOf(host)) {
      results.push(resultOf(joinPath(stateDir, name), ownerOf(name), 'the state of a CNI plugin'));
    }
    return joinItems(results);
  },
  remove: async ({ files }, items, signal) => {
    await removeEach(items, signal, files.removeTree);
    for (const name of sharedFolders) {
      const path = joinPath(stateDir, name);
      if ((await files.list(path))?.length === 0) await files.removeTree(path);
    }
  },
});

/** The networks of other programs share these folders with those of the cluster. */
const sharedFolders: readonly string[] = ['networks', 'results'];

async function entriesOf({ files }: SearchHost): Promise<readonly string[]> {
  const entries: string[] = [];
  for (const name of (await files.list(stateDir)) ?? []) {
    const path = joinPath(stateDir, name);
    const isShared = sharedFolders.includes(name) && (await files.lstat(path))?.kind === 'directory';
    const inner = isShared ? ((await files.list(path)) ?? []) : [];
    entries.push(...(inner.length > 0 ? inner.map((one) => `${name}/${one}`) : [name]));
  }
  return entries;
}

function ownerOf(name: string): string | undefined {
  return ownersOfFiles.find(([pattern]) => pattern.test(name))?.[1];
}

function resultOf(path: string, owner: string | undefined, reason: string): Items<string> {
  if (owner !== undefined) return { items: [], kept: [{ name: path, reason: `it belongs to ${owner}` }] };
  return { items: [{ name: path, reason, handle: path }] };
}
