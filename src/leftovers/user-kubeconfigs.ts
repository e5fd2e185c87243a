/** The kubeconfigs of users that point at the cluster of this node. */
import { FileError, KubeadmError, messageOf } from '../errors.ts';
import { belongsTo } from '../kubeconfig/cluster-identity.ts';
import { parseKubeconfig } from '../kubeconfig/parse.ts';
import { joinPath } from '../lib/join-path.ts';
import { type Items, joinItems, removeEach, type SearchContext, type SearchHost, search } from './search.ts';

const maxBytes = 1024 * 1024;
/** More files than this in a folder are not kubeconfigs that somebody put there by hand. */
const maxFiles = 100;

interface Home {
  readonly path: string;
  readonly uid: number;
}

export const userKubeconfigs = search<string>({
  kind: 'kubeconfig',
  lookedFor: 'kubeconfigs that point at this cluster, in the folder .kube of every home in /etc/passwd',
  find: async (host, context) => {
    if (context.identity.servers.length === 0 || context.identity.authorities.length === 0) {
      return {
        items: [],
        notSearched: 'no kubeconfig of kubeadm is left that names the cluster of this node',
      };
    }
    const results: Items<string>[] = [];
    for (const home of await homesOf(host)) results.push(await findIn(host, home, context));
    return joinItems(results);
  },
  remove: async ({ files }, items, signal) => {
    await removeEach(items, signal, files.removeUntrusted);
  },
});

async function homesOf({ files }: SearchHost): Promise<readonly Home[]> {
  const text = await files.readText('/etc/passwd').catch((error: unknown) => {
    if (error instanceof FileError) return '';
    throw error;
  });
  const homes = new Map<string, Home>([['/root', { path: '/root', uid: 0 }]]);
  for (const line of text.split('\n')) {
    const [, , uid = '', , , path = ''] = line.split(':');
    if (path.startsWith('/') && /^\d+$/.test(uid) && !homes.has(path))
      homes.set(path, { path, uid: Number(uid) });
  }
  return [...homes.values()];
}

/** A user can make links and pipes in the own home, and root follows none of them. */
async function findIn(host: SearchHost, home: Home, context: SearchContext): Promise<Items<string>> {
  const folder = joinPath(home.path, '.kube');
  const kind = (await host.files.lstat(folder).catch(() => undefined))?.kind;
  if (kind === 'symlink') return keptOnly(folder, 'it is a link, which is not followed');
  if (kind !== 'directory') return { items: [] };
  const names = (await host.files.list(folder).catch(() => undefined)) ?? [];
  const results: Items<string>[] = [];
  for (const name of names.slice(0, maxFiles)) {
    results.push(await judge(host, joinPath(folder, name), { ...context, uid: home.uid }));
  }
  if (names.length > maxFiles)
    results.push(keptOnly(folder, `only the first ${maxFiles} files were looked at`));
  return joinItems(results);
}

async function judge(
  { files }: SearchHost,
  path: string,
  { identity, uid }: SearchContext & { readonly uid: number },
): Promise<Items<string>> {
  const stat = await files.lstat(path);
  if (stat?.kind === 'symlink') return keptOnly(path, 'it is a link, which is not followed');
  if (stat?.kind !== 'file' || stat.size > maxBytes) return { items: [] };
  if (stat.uid !== 0 && stat.uid !== uid) return keptOnly(path, 'it belongs to another user than the home');
  try {
    const text = Buffer.from(await files.readUntrusted(path, maxBytes)).toString('utf8');
    const belonging = belongsTo(parseKubeconfig(text, path), identity);
    if (belonging.belongs) {
      return { items: [{ name: path, reason: 'a kubeconfig of this cluster', handle: path }] };
    }
    return belonging.reason === undefined ? { items: [] } : keptOnly(path, belonging.reason);
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    // Other files than kubeconfigs are no concern of this search.
    return error instanceof FileError ? keptOnly(path, messageOf(error)) : { items: [] };
  }
}

function keptOnly(name: string, reason: string): Items<string> {
  return { items: [], kept: [{ name, reason }] };
}
