import { parseIPSloppy } from './ip.ts';

/** Returns `host:port`, with brackets around IPv6 addresses (Go's net.JoinHostPort). */
export function joinHostPort(host: string, port: number | string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Returns undefined if Go's net.SplitHostPort fails: no port, or an IPv6 address without brackets. */
export function splitHostPort(text: string): { readonly host: string; readonly port: string } | undefined {
  const match = /^\[([^[\]]*)\]:([^:[\]]*)$/.exec(text) ?? /^([^:[\]]*):([^:[\]]*)$/.exec(text);
  return match === null ? undefined : { host: match[1] ?? '', port: match[2] ?? '' };
}

/**
 * Reads a host with or without a port. Without one, `port` is empty. The host is an IP address or a DNS name in lower
 * case (RFC 1123), and the port is a number from 1 to 65535. Source: cmd/kubeadm/app/util/endpoint.go ParseHostPort.
 *
 * @throws Error that names the problem
 */
export function parseHostPort(text: string): { readonly host: string; readonly port: string } {
  const { host, port } = splitHostPort(text) ?? { host: text, port: '' };
  if (port !== '' && !(/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    throw new Error(`hostport ${text}: port ${port} must be a valid number between 1 and 65535, inclusive`);
  }
  if (parseIPSloppy(host) === undefined && !isDnsName(host)) {
    throw new Error(
      `hostport ${text}: host '${host}' must be a valid IP address or a valid RFC-1123 DNS subdomain`,
    );
  }
  return { host, port };
}

/**
 * Returns the host of an http or https URL, without the brackets of an IPv6 address, and its port.
 *
 * @throws TypeError if the text is not a URL
 */
export function serverOf(url: string | URL): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  const standardPort = protocol === 'https:' ? 443 : 80;
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? standardPort : Number(port) };
}

/** Whether a certificate may have the name: a DNS name, or `*.` followed by one. */
export function isDnsNameOrWildcard(text: string): boolean {
  return text.length <= 253 && isDnsName(text.replace(/^\*\./, ''));
}

/** Whether the text is a DNS subdomain (RFC 1123) in lower case with at most 253 characters. */
export function isDnsName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text);
}
