/** The virtual servers, sets and link of kube-proxy in ipvs mode. Source: pkg/proxy/ipvs. */
import { FileError, isNotFound } from '../errors.ts';
import type { Host } from '../host.ts';
import { joinHostPort } from '../lib/host-port.ts';
import { fromValue, parseIP } from '../lib/ip.ts';
import { listing, runOrFail } from './programs.ts';
import { type Item, removeEach, type SearchHost, search } from './search.ts';

/** The link that holds the addresses of all Services. */
const dummyLink = 'kube-ipvs0';
/** The default of the API server's flag --service-node-port-range. */
const nodePorts = { first: 30_000, last: 32_767 } as const;
const serviceOptions: Readonly<Record<string, string>> = {
  TCP: '--tcp-service',
  UDP: '--udp-service',
  SCTP: '--sctp-service',
};

type Handle = { readonly link: string } | VirtualServer;

interface VirtualServer {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

export const ipvs = search<Handle>({
  kind: 'ipvs',
  lookedFor: `virtual servers of ipvs at an address of the link ${dummyLink} or at a NodePort, and that link`,
  find: async (host) => {
    const interfaces = await host.net.interfaces();
    const addressesOf = (isOwn: boolean): ReadonlySet<string> =>
      new Set(
        interfaces
          .filter(({ name }) => (name === dummyLink) === isOwn)
          .flatMap(({ addresses }) => addresses.map((one) => canonical(one.replace(/\/\d+$/, '')))),
      );
    const [services, node] = [addressesOf(true), addressesOf(false)];
    const hasLink = interfaces.some(({ name }) => name === dummyLink);
    const isOwn = ({ address, port }: VirtualServer): boolean =>
      services.has(address) ||
      (hasLink && node.has(address) && port >= nodePorts.first && port <= nodePorts.last);
    const servers = await readVirtualServers(host);
    const link = { name: `link ${dummyLink}`, reason: 'the link of kube-proxy', handle: { link: dummyLink } };
    return {
      items: [
        ...servers.filter(isOwn).map((handle) => ({
          name: titleOf(handle),
          reason: 'a Service of kube-proxy in ipvs mode',
          handle,
        })),
        ...(hasLink ? [link] : []),
      ],
      kept: servers
        .filter((server) => !isOwn(server))
        .map((server) => ({
          name: titleOf(server),
          reason: `no address of the link ${dummyLink} shows that kube-proxy made it`,
        })),
    };
  },
  // The link goes last. As long as it stands, a later try knows the virtual servers by its addresses.
  remove: async (host, items, signal) => {
    await removeEach(
      items.filter(({ handle }) => !('link' in handle)),
      signal,
      async (handle) => await removeOne(host, handle, signal),
    );
    for (const { handle } of items) if ('link' in handle) await removeOne(host, handle, signal);
  },
});

async function removeOne(host: Host, handle: Handle, signal: AbortSignal): Promise<void> {
  if ('link' in handle)
    return await runOrFail(host, ['ip', 'link', 'delete', 'dev', handle.link], { signal });
  const option = serviceOptions[handle.protocol] ?? '';
  const args = ['--delete-service', option, joinHostPort(handle.address, handle.port)];
  await runOrFail(host, ['ipvsadm', ...args], { signal });
}

export const ipsets = search<string>({
  kind: 'ipset',
  lookedFor: 'sets KUBE-* of ipset',
  find: async (host, { signal }) => {
    const listed = await listing(host, ['ipset', 'list', '-name'], signal);
    if ('notSearched' in listed) return { items: [], notSearched: listed.notSearched };
    const names = listed.stdout.split('\n').map((line) => line.trim());
    return { items: names.filter((name) => name.startsWith('KUBE-')).map(setItem) };
  },
  remove: async (host, items, signal) => {
    await removeEach(
      items,
      signal,
      async (name) => await runOrFail(host, ['ipset', 'destroy', name], { signal }),
    );
  },
});

function setItem(name: string): Item<string> {
  return { name: `set ${name}`, reason: 'a set of kube-proxy in ipvs mode', handle: name };
}

function titleOf({ address, port, protocol }: VirtualServer): string {
  return `${protocol} ${joinHostPort(address, port)}`;
}

/** Reads the table of the kernel, which has all numbers in hexadecimal. Without the module, there is no such file. */
async function readVirtualServers({ files }: SearchHost): Promise<readonly VirtualServer[]> {
  try {
    const text = await files.readText('/proc/net/ip_vs');
    return text.split('\n').flatMap(virtualServerOf);
  } catch (error) {
    if (error instanceof FileError && isNotFound(error)) return [];
    throw error;
  }
}

function virtualServerOf(line: string): readonly VirtualServer[] {
  const found = /^(TCP|UDP|SCTP) +(?:([0-9A-F]{8})|\[([0-9a-f:]+)\]):([0-9A-F]{4}) /.exec(line);
  if (found === null) return [];
  const [, protocol = '', four, six = '', port = ''] = found;
  const address = four === undefined ? canonical(six) : fromValue(4, BigInt(`0x${four}`)).text;
  return [{ protocol, address, port: Number.parseInt(port, 16) }];
}

function canonical(address: string): string {
  return parseIP(address)?.text ?? address;
}
