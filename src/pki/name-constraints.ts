/** Name constraints of an authority (RFC 5280, 4.2.1.10), as Go's x509.Verify applies them to DNS names and addresses. */
import type { GeneralSubtrees, NameConstraints } from '@peculiar/asn1-x509';
import { contains, parseCIDR, parseIP } from '../lib/ip.ts';

export interface Subtrees {
  /** A domain and all names below it. With a leading dot, only the names below it. Empty, every name. */
  readonly dns: readonly string[];
  /** A network such as `10.0.0.0/8`. */
  readonly ips: readonly string[];
}

/** Undefined means no limit of this kind. */
export interface NameLimits {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
}

export function nameLimits({ permittedSubtrees, excludedSubtrees }: NameConstraints): NameLimits {
  return { permitted: subtrees(permittedSubtrees), excluded: subtrees(excludedSubtrees) };
}

function subtrees(list: GeneralSubtrees | undefined): Subtrees {
  const bases = [...(list ?? [])].map(({ base }) => base);
  return {
    dns: bases.flatMap(({ dNSName }) => dNSName ?? []),
    ips: bases.flatMap(({ iPAddress }) => iPAddress ?? []),
  };
}

/** The first name that an authority with these limits may not sign; undefined if it may sign all of them. */
export function nameOutside(
  limits: NameLimits,
  names: { readonly dnsNames: readonly string[]; readonly ips: readonly string[] },
): string | undefined {
  const { excluded, permitted } = limits;
  const isOutside = (within: (constraint: string) => boolean, kind: 'dns' | 'ips'): boolean =>
    excluded[kind].some(within) || (permitted[kind].length > 0 && !permitted[kind].some(within));
  const dns = names.dnsNames.find((name) => isOutside((domain) => isBelow(name, domain), 'dns'));
  return dns ?? names.ips.find((ip) => isOutside((network) => isInside(ip, network), 'ips'));
}

function isBelow(name: string, domain: string): boolean {
  if (domain === '') return true;
  const [host, base] = [name.toLowerCase(), domain.toLowerCase()];
  return base.startsWith('.')
    ? host.endsWith(base) && host !== base
    : host === base || host.endsWith(`.${base}`);
}

function isInside(text: string, network: string): boolean {
  const [ip, cidr] = [parseIP(text), parseCIDR(network)];
  return ip !== undefined && cidr !== undefined && contains(cidr, ip);
}
