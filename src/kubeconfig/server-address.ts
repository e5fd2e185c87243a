import { KubeadmError } from '../errors.ts';
import { parseGoUrl } from '../lib/go/url.ts';
import { parseIP } from '../lib/ip.ts';

/** The address of an API server, from the `server` field of a kubeconfig. */
export interface ServerAddress {
  readonly scheme: 'https' | 'http';
  /** A host name, or an address without brackets. An IPv6 address can have a zone, as in `fe80::1%eth0`. */
  readonly host: string;
  readonly port: number;
  /** The prefix of every path of the API. It is empty, or it begins with a slash and does not end with one. */
  readonly pathPrefix: string;
  /** The user and the password in the URL. It is a secret. */
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** The URL for messages, with `***` instead of a password and of the text after a `?` or `#`. */
  readonly shown: string;
}

/**
 * Reads a `server` field as client-go does. `host:port` without a scheme means http. IPv4 addresses with leading zeros are
 * refused, because Go resolves them as names and other programs read them as octal numbers.
 * Source: client-go rest/url_utils.go DefaultServerURL.
 *
 * @throws KubeadmError `kubeconfig-invalid`
 */
export function parseServerAddress(server: string): ServerAddress {
  const complete = hasScheme(server);
  const text = complete ? server : `http://${server}`;
  const shown = text
    .replace(/[?#].*$/s, (rest) => `${rest[0]}***`)
    .replace(/^([^/?#]*\/\/[^/?#:@]*):[^/?#]*@/, '$1:***@')
    .replace(/\/+$/, '');
  const fail = (problem: string, cause?: unknown): never => {
    throw new KubeadmError('kubeconfig-invalid', `the server ${shown} cannot be used: ${problem}`, {
      cause,
      hint: 'A server is written like https://10.0.0.5:6443.',
    });
  };
  const { scheme, host: authority, path } = parsed(text, fail);
  if (scheme !== 'https' && scheme !== 'http')
    return fail(`the scheme "${scheme}" is neither https nor http`);
  if (!complete && path !== '' && path !== '/')
    return fail('a path needs a scheme and a host in front of it');
  const parts = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:]+))(?::(?<port>\d*))?$/.exec(authority)?.groups;
  const host = (parts?.v6 ?? parts?.name ?? '').replace('%25', '%');
  if (host === '') return fail('it has no host');
  if (/(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i.test(host) && parseIP(host) === undefined) {
    return fail(`"${host}" is not an IPv4 address; its four parts are written without zeros in front`);
  }
  const port = Number(parts?.port || (scheme === 'https' ? 443 : 80));
  if (port > 65_535) return fail(`the port ${port} is above 65535`);
  const userinfo = /^[^/?#]*\/\/([^/?#]*)@/.exec(text)?.[1];
  const [username = '', ...password] = (userinfo ?? '').split(':').map((part) => decoded(part, fail));
  return {
    scheme,
    host,
    port,
    pathPrefix: path.replace(/\/+$/, ''),
    credentials: userinfo === undefined ? undefined : { username, password: password.join(':') },
    shown,
  };
}

function decoded(part: string, fail: (problem: string, cause: unknown) => never): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    return fail('its user or password has bytes that are not UTF-8', error);
  }
}

function hasScheme(server: string): boolean {
  try {
    const { scheme, host } = parseGoUrl(server);
    return scheme !== '' && host !== '';
  } catch {
    return /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(server);
  }
}

function parsed(
  text: string,
  fail: (problem: string, cause: unknown) => never,
): ReturnType<typeof parseGoUrl> {
  try {
    return parseGoUrl(text);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error), error);
  }
}
