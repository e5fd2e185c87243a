/** The tables of kube-proxy in nftables mode. Source: pkg/proxy/nftables. */
import { isRecord } from '../lib/is-record.ts';
import { readJsonList } from './json-output.ts';
import { listing, runOrFail } from './programs.ts';
import { removeEach, search } from './search.ts';

interface Table {
  readonly family: string;
  readonly name: string;
}

/** Tables of network plugins, which are not removed. */
const pluginTable = /^(?:cni_|calico|cilium|flannel|antrea|kube-router)/;

export const nftables = search<Table>({
  kind: 'nftables',
  lookedFor: 'the tables kube-proxy of nftables for ip and ip6',
  find: async (host, { signal }) => {
    const listed = await listing(host, ['nft', '-j', 'list', 'tables'], signal);
    if ('notSearched' in listed) return { items: [], notSearched: listed.notSearched };
    const tables = readJsonList('nft', listed.stdout, 'nftables').flatMap(({ table }) => tableOf(table));
    return {
      items: tables
        .filter(({ family, name }) => name === 'kube-proxy' && (family === 'ip' || family === 'ip6'))
        .map((handle) => ({ name: titleOf(handle), reason: 'rules of kube-proxy in nftables mode', handle })),
      kept: tables
        .filter(({ name }) => pluginTable.test(name))
        .map((table) => ({
          name: titleOf(table),
          reason: 'a network plugin made it, and other programs can use such plugins',
        })),
    };
  },
  remove: async (host, items, signal) => {
    await removeEach(items, signal, async ({ family, name }) => {
      await runOrFail(host, ['nft', 'delete', 'table', family, name], { signal });
    });
  },
});

function titleOf({ family, name }: Table): string {
  return `table ${family} ${name}`;
}

function tableOf(value: unknown): readonly Table[] {
  if (!isRecord(value)) return [];
  const { family, name } = value;
  return typeof family === 'string' && typeof name === 'string' ? [{ family, name }] : [];
}
