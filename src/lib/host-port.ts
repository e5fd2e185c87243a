import { parseIPSloppy } from './ip.ts';

/** `host:port`, with brackets around IPv6 addresses (Go's net.JoinHostPort). */
export function joinHostPort(host: string, port: number | string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Undefined where Go's net.SplitHostPort fails: no port, or an IPv6 address without brackets. */
export function splitHostPort(text: string): { readonly host: string; readonly port: string } | undefined {
  const match = /^\[([^[\]]*)\]:([^:[\]]*)$/.exec(text) ?? /^([^:[\]]*):([^:[\]]*)$/.exec(text);
  return match === null ? undefined : { host: match[1] ?? '', port: match[2] ?? '' };
}

/**
 * A host with or without a port; `port` is empty where there is none. The host is an IP address or a DNS name in
 * lower case (RFC 1123), the port a number from 1 to 65535. Source: cmd/kubeadm/app/util/endpoint.go ParseHostPort.
 *
 * @throws Error that says what is wrong
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

/** As `isDnsName`, or `*.` with such a name behind it: what a certificate may name. */
export function isDnsNameOrWildcard(text: string): boolean {
  return text.length <= 253 && isDnsName(text.replace(/^\*\./, ''));
}

/** A DNS subdomain as RFC 1123 has it, in lower case, at most 253 characters. */
export function isDnsName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text);
}
