/** `host:port`, with brackets around IPv6 addresses (Go's net.JoinHostPort). */
export function joinHostPort(host: string, port: number | string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Undefined where Go's net.SplitHostPort fails: no port, or an IPv6 address without brackets. */
export function splitHostPort(text: string): { readonly host: string; readonly port: string } | undefined {
  const match = /^\[([^[\]]*)\]:([^:[\]]*)$/.exec(text) ?? /^([^:[\]]*):([^:[\]]*)$/.exec(text);
  return match === null ? undefined : { host: match[1] ?? '', port: match[2] ?? '' };
}
