/**
 * Finds the proxy of a request in HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment, as Go's programs do.
 * Source of the rules: golang.org/x/net/http/httpproxy.
 */
import { parseGoUrl } from './go/url.ts';
import { contains, isLoopback, parseCIDR, parseIP } from './ip.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ProxyTarget {
  readonly scheme: 'https' | 'http';
  /** The host without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * URL of the proxy, with `***` instead of its password, which can have a slash by mistake. Returns undefined if the request goes directly, or if the
 * variable does not contain a URL.
 */
export function proxyFor(target: ProxyTarget, environment: Environment): string | undefined {
  return proxyUrl(target, environment)?.replace(/^([^:]+:\/\/[^/@]*?:).*@/s, '$1***@');
}

/** Like `proxyFor`, but with the password. Use it to connect and never to show it. */
export function proxyUrl(target: ProxyTarget, environment: Environment): string | undefined {
  const name = target.scheme === 'https' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = parseProxy(either(environment, name));
  if (proxy === undefined || isExempt(target, either(environment, 'NO_PROXY'))) return undefined;
  return proxy;
}

/** The variable in upper case, or in lower case if that is empty. */
function either(environment: Environment, name: string): string {
  return environment[name] || environment[name.toLowerCase()] || '';
}

/**
 * A text that is not a URL with a host gets `http://` in front, as in Go. So `host:port` is a proxy, and a malformed URL
 * is a proxy that cannot be reached.
 */
function parseProxy(value: string): string | undefined {
  if (value === '') return undefined;
  const withScheme = `http://${value}`;
  return [value, withScheme].find(isUrlWithHost);
}

function isUrlWithHost(text: string): boolean {
  try {
    const { scheme, host } = parseGoUrl(text);
    return scheme !== '' && host !== '';
  } catch {
    return false;
  }
}

function isExempt({ host, port }: ProxyTarget, noProxy: string): boolean {
  if (host === 'localhost') return true;
  const ip = parseIP(host);
  if (ip !== undefined && isLoopback(ip)) return true;
  const name = host.toLowerCase().trim();
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(entry, { name, ip, port }));
}

interface Subject {
  readonly name: string;
  readonly ip: ReturnType<typeof parseIP>;
  readonly port: number;
}

/** An entry is `*`, an address, a CIDR, a domain and its subdomains, or `.domain` for subdomains. `:port` limits it. */
function matches(entry: string, { name, ip, port }: Subject): boolean {
  if (entry === '*') return true;
  const cidr = parseCIDR(entry);
  if (cidr !== undefined) return ip !== undefined && contains(cidr, ip);
  const { host, port: entryPort } = splitEntry(entry);
  if (host === '' || (entryPort !== '' && entryPort !== String(port))) return false;
  const entryIP = parseIP(host);
  if (entryIP !== undefined) return ip?.family === entryIP.family && ip.value === entryIP.value;
  if (ip !== undefined) return false;
  const domain = host.startsWith('*.') ? host.slice(1) : host;
  if (domain.startsWith('.')) return name.endsWith(domain);
  return name === domain || name.endsWith(`.${domain}`);
}

/** Splits the port from `[::1]:80` and `host:80`. Everything else is a host. */
function splitEntry(entry: string): { readonly host: string; readonly port: string } {
  const match = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:[\]]*)):(?<port>[^:]*)$/.exec(entry)?.groups;
  if (match === undefined) return { host: entry, port: '' };
  return { host: match.v6 ?? match.name ?? '', port: match.port ?? '' };
}
