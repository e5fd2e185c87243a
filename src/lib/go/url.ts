import { ipFamily } from '../ip-family.ts';

/** The parts of a URL that kubeadm reads; `scheme` is in lower case, and empty if the URL has none. */
export interface GoUrl {
  readonly scheme: string;
  /** Includes the port, but not user and password. */
  readonly host: string;
  /** Percent escapes are decoded. */
  readonly path: string;
}

/**
 * Reads a URL as Go's net/url.Parse does. It accepts and refuses the same texts, for example relative references and
 * `host:port` without a scheme.
 *
 * @throws Error that describes the problem
 */
export function parseGoUrl(text: string): GoUrl {
  const [beforeFragment = '', ...fragment] = text.split('#');
  decodeEscapes(fragment.join('#'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  if (/[\x00-\x1f\x7f]/.test(beforeFragment)) throw new Error('invalid control character in URL');
  if (beforeFragment === '') return { scheme: '', host: '', path: '' };
  if (beforeFragment.startsWith(':')) throw new Error('missing protocol scheme');
  const found = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(beforeFragment);
  const scheme = (found?.[1] ?? '').toLowerCase();
  const rest = beforeFragment.slice(found?.[0].length ?? 0).split('?')[0] ?? '';
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { scheme, host: '', path: '' };
    if ((rest.split('/')[0] ?? '').includes(':')) {
      throw new Error('first path segment in URL cannot contain colon');
    }
  }
  const hasAuthority = (scheme !== '' || !rest.startsWith('///')) && rest.startsWith('//');
  const authority = hasAuthority ? (/^\/\/([^/]*)/.exec(rest)?.[1] ?? '') : '';
  const path = decodeEscapes(hasAuthority ? rest.slice(2 + authority.length) : rest);
  return { scheme, host: readAuthority(scheme, authority), path };
}

function readAuthority(scheme: string, authority: string): string {
  const at = authority.lastIndexOf('@');
  if (at !== -1 && !/^[A-Za-z0-9\-._~!$&'()*+,;=:%@]*$/.test(authority.slice(0, at))) {
    throw new Error('invalid userinfo');
  }
  const host = authority.slice(at + 1);
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) throw new Error('invalid IP-literal');
  if (bracket === 0) return readBracketed(host);
  const [, ...afterColon] = host.split(':');
  if (afterColon.length > 1 && (scheme === 'http' || scheme === 'https')) {
    throw new Error('invalid port: too many colons in the host');
  }
  const port = afterColon.at(-1);
  if (port !== undefined && !/^\d*$/.test(port)) throw new Error(`invalid port ":${port}" after host`);
  return readHost(host);
}

function readBracketed(host: string): string {
  const end = host.lastIndexOf(']');
  if (end === -1) throw new Error("missing ']' in host");
  const port = host.slice(end + 1);
  if (!/^(:\d*)?$/.test(port)) throw new Error(`invalid port "${port}" after host`);
  const inside = host.slice(1, end).replace(/%25.*$/, '');
  if (ipFamily(inside) !== 6) throw new Error(`invalid host: "${inside}" is not an IPv6 address`);
  return host;
}

/** In a host, percent escapes are allowed only for bytes beyond ASCII and for the percent sign. */
function readHost(host: string): string {
  const escaped = /%(?!25|[89a-fA-F][0-9a-fA-F])/.exec(host);
  if (escaped !== null)
    throw new Error(`invalid URL escape "${host.slice(escaped.index, escaped.index + 3)}"`);
  const bad = /[^A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"%\u0080-\uffff]/.exec(host);
  if (bad !== null) throw new Error(`invalid character "${bad[0]}" in host name`);
  return host;
}

function decodeEscapes(text: string): string {
  const bad = /%(?![0-9a-fA-F]{2})/.exec(text);
  if (bad !== null) throw new Error(`invalid URL escape "${text.slice(bad.index, bad.index + 3)}"`);
  return Buffer.from(
    text.replace(/%([0-9a-fA-F]{2})|[^%]+/g, (part, hex: string | undefined) =>
      hex === undefined
        ? Buffer.from(part, 'utf8').toString('latin1')
        : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  ).toString('utf8');
}
