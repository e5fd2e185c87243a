/** Whether the members of etcd take TCP connections of this node. A firewall can let one of their ports pass and not the other. */
import type { ConnectionOutcome, Host, NetReads } from '../host.ts';

export type ConnectionHost = Pick<Host, 'clock'> & { readonly net: Pick<NetReads, 'tryConnection'> };

export interface Connection {
  readonly url: string;
  readonly outcome: ConnectionOutcome;
}

const timeoutMs = 2_000;

const words: Readonly<Record<ConnectionOutcome, string>> = {
  accepted: 'it takes connections',
  refused: 'connection refused',
  silent: 'no answer',
};

/** Tries all URLs at the same time. */
export async function tryConnections(
  { net }: ConnectionHost,
  urls: readonly string[],
): Promise<readonly Connection[]> {
  return await Promise.all(
    urls.map(async (url) => ({ url, outcome: await net.tryConnection(url, timeoutMs) })),
  );
}

/** `https://10.0.0.5:2380 (no answer), https://10.0.0.6:2380 (connection refused)` */
export function describeConnections(connections: readonly Connection[]): string {
  return connections.map(({ outcome, url }) => `${url} (${words[outcome]})`).join(', ');
}
