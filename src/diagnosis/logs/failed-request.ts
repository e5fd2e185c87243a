import { joinHostPort, serverOf } from '../../lib/host-port.ts';

export interface FailedRequest {
  /** The host without brackets. */
  readonly host: string;
  readonly port: number;
  readonly cause: string;
}

const pattern = /\b(?:Get|Head|Post|Put|Patch|Delete) \\*"(https:\/\/[^\s"\\]+)\\*": (.+)$/;

/**
 * A request of a Go program over https that got no answer of its server. Undefined if it was cancelled, or if its message
 * shows that the program connected to the server itself and not to a proxy.
 */
export function failedRequest(message: string): FailedRequest | undefined {
  const [, url = '', rest = ''] = pattern.exec(message) ?? [];
  if (!URL.canParse(url)) return undefined;
  const { host, port } = serverOf(url);
  const cause = rest.replace(/[\\"]+(?: \w+=.*)?$/, '').slice(0, 200);
  if (/context canceled/.test(cause) || isDirect(cause, joinHostPort(host, port))) return undefined;
  return { host, port, cause };
}

/** Go writes `proxyconnect` before the failure of a connection to a proxy. */
function isDirect(cause: string, server: string): boolean {
  return /(?<!proxyconnect tcp: )\bdial tcp\b/.test(cause) || cause.includes(`->${server}:`);
}
