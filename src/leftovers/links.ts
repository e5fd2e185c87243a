/** The network links that a cluster made. */
import { isRecord } from '../lib/is-record.ts';
import { type ClusterLink, clusterLinks, kernelLinks } from './cluster-links.ts';
import { readJsonList } from './json-output.ts';
import { listing, runOrFail } from './programs.ts';
import { type Item, removeEach, search } from './search.ts';

interface Link {
  readonly name: string;
  /** The kind of the kernel, such as `veth`; empty for hardware. */
  readonly kind: string;
  /** The bridge that it is attached to. */
  readonly master: string | undefined;
}

export const links = search<string>({
  kind: 'link',
  lookedFor:
    'links of network plugins and of Pods, such as cni0, flannel.1, cali*, vxlan.calico and cilium_*',
  find: async (host, { signal }) => {
    const listed = await listing(host, ['ip', '-json', '-details', 'link', 'show'], signal);
    if ('notSearched' in listed) return { items: [], notSearched: listed.notSearched };
    const all = readJsonList('ip', listed.stdout).flatMap(linkOf);
    const known = all.flatMap((link) => {
      const row = rowOf(link);
      return row === undefined ? [] : [{ link, row }];
    });
    const bridges = known.filter(({ row }) => row.bridge).map(({ link }) => link.name);
    const isHostEnd = ({ kind, master }: Link): boolean =>
      kind === 'veth' && master !== undefined && bridges.includes(master);
    const hostEnds = all.filter((link) => isHostEnd(link) && rowOf(link) === undefined);
    return {
      items: [
        ...hostEnds.map(({ master, name }) => item(name, `the host end of a Pod at the bridge ${master}`)),
        ...known.map(({ link, row }) => item(link.name, `made by ${row.madeBy}`)),
      ],
      kept: all.flatMap(({ name }) => {
        const reason = kernelLinks.get(name);
        return reason === undefined ? [] : [{ name, reason }];
      }),
    };
  },
  remove: async (host, items, signal) => {
    await removeEach(items, signal, async (name) => {
      // The other end of a pair of links goes with the first.
      const stands = (await host.exec.probe('ip', ['link', 'show', 'dev', name], { signal })).code === 0;
      if (stands) await runOrFail(host, ['ip', 'link', 'delete', 'dev', name], { signal });
    });
  },
});

function rowOf({ kind, name }: Link): ClusterLink | undefined {
  return clusterLinks.find((row) => row.name.test(name) && row.kinds.includes(kind));
}

function item(name: string, reason: string): Item<string> {
  return { name, reason, handle: name };
}

function linkOf(fields: Readonly<Record<string, unknown>>): readonly Link[] {
  const { ifname, linkinfo, master } = fields;
  if (typeof ifname !== 'string') return [];
  const kind = isRecord(linkinfo) && typeof linkinfo.info_kind === 'string' ? linkinfo.info_kind : '';
  return [{ name: ifname, kind, master: typeof master === 'string' ? master : undefined }];
}
