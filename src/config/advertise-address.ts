/** The choice of the address that the API server advertises. Source: apimachinery pkg/util/net ResolveBindAddress. */
import { KubeadmError } from '../errors.ts';
import type { FileReads, NetReads, NetworkInterface } from '../host.ts';
import {
  fromValue,
  type IP,
  isGlobalUnicast,
  isLoopback,
  isUnspecified,
  parseIP,
  parseIPSloppy,
} from '../lib/ip.ts';
import type { Warn } from './report.ts';

type Family = 4 | 6;

interface AddressOptions {
  /** The path of the address in the configuration. */
  readonly path: string;
  readonly warn: Warn;
}

/**
 * Returns the given address. If that is empty, unspecified or loopback, returns an address of this machine: the address
 * of a default route (IPv4 first, or IPv6 first for `::`), or an address of `lo`.
 *
 * @throws KubeadmError code `config-invalid`
 */
export async function chooseAdvertiseAddress(
  host: { readonly files: FileReads; readonly net: NetReads },
  configured: string,
  options: AddressOptions,
): Promise<string> {
  const { path, warn } = options;
  const ip = configured === '' ? undefined : parseIPSloppy(configured);
  if (configured !== '' && ip === undefined) {
    throw refuse(
      `couldn't use ${JSON.stringify(configured)} as "apiserver-advertise-address", must be ipv4 or ipv6 address`,
      path,
    );
  }
  if (ip !== undefined && !isUnspecified(ip) && !isLoopback(ip)) return ip.text;
  const chosen =
    ip !== undefined && isLoopback(ip)
      ? ofLoopback(await host.net.interfaces(), path)
      : await byDefaultRoute(host, ip?.family === 6 ? [6, 4] : [4, 6], options);
  if (ip !== undefined && !isUnspecified(ip) && chosen !== ip.text) {
    warn({
      severity: 'warning',
      code: 'advertise-address-replaced',
      message: `could not use "${configured}" as the address that the API server advertises; using "${chosen}"`,
      place: { path },
    });
  }
  return chosen;
}

function ofLoopback(interfaces: readonly NetworkInterface[], path: string): string {
  const addresses = interfaces.filter(({ name }) => name === 'lo').flatMap(globalAddresses);
  const found = addresses.find(({ family }) => family === 4) ?? addresses[0];
  if (found === undefined) throw refuse('unable to select an IP from lo network interface', path);
  return found.text;
}

async function byDefaultRoute(
  { files, net }: { readonly files: FileReads; readonly net: NetReads },
  families: readonly Family[],
  { path, warn }: AddressOptions,
): Promise<string> {
  const interfaces = await net.interfaces();
  if ((await files.stat('/proc/net/route')) === undefined) {
    const usable = interfaces.filter(({ up, loopback, pointToPoint }) => up && !loopback && !pointToPoint);
    const found = usable.flatMap(globalAddresses)[0];
    if (found === undefined) throw refuse('unable to select an IP from host interfaces', path);
    return found.text;
  }
  const routes = [
    ...(await defaultRoutes(files, '/proc/net/route', 4)),
    ...(await defaultRoutes(files, '/proc/net/ipv6_route', 6)),
  ];
  if (routes.length === 0) {
    warn({
      severity: 'warning',
      code: 'no-default-route',
      message: 'no default route was found; using 0.0.0.0 as the address that the API server advertises',
      place: { path },
    });
    return '0.0.0.0';
  }
  for (const family of families) {
    for (const route of routes.filter((candidate) => candidate.family === family)) {
      const up = interfaces.filter((candidate) => candidate.up);
      const own = up.filter(({ name }) => name === route.interface).flatMap(globalAddresses);
      const loopback = up.filter((candidate) => candidate.loopback).flatMap(globalAddresses);
      const found = [...own, ...loopback].find((address) => address.family === family);
      if (found !== undefined) return found.text;
    }
  }
  throw refuse('unable to select an IP from default routes.', path);
}

function globalAddresses({ addresses }: NetworkInterface): IP[] {
  return addresses.flatMap((text) => {
    const ip = parseIP(text.split('/')[0] ?? '');
    return ip !== undefined && isGlobalUnicast(ip) ? [ip] : [];
  });
}

interface Route {
  readonly interface: string;
  readonly family: Family;
}

async function defaultRoutes(files: FileReads, path: string, family: Family): Promise<readonly Route[]> {
  const text = (await files.stat(path)) === undefined ? '' : await files.readText(path);
  return text.split('\n').flatMap((line): Route[] => {
    const fields = line.trim().split(/\s+/);
    if (family === 4) {
      const isDefault = fields[1] === '00000000' && fields[7] === '00000000';
      return isDefault && fields[0] !== undefined ? [{ interface: fields[0], family }] : [];
    }
    const [destination, prefix, , , gateway] = fields;
    const name = fields[9];
    const isDefault = destination === '0'.repeat(32) && prefix === '00' && gateway !== '0'.repeat(32);
    return isDefault && name !== undefined ? [{ interface: name, family }] : [];
  });
}

/**
 * @param path the path of the address in the configuration; the default is that of InitConfiguration
 * @throws KubeadmError if the API server cannot be bound to the address
 */
export function checkBindAddress(address: string, path = 'localAPIEndpoint.advertiseAddress'): void {
  const ip = parseIPSloppy(address) ?? fromValue(4, 0n);
  if (isLoopback(ip) || isGlobalUnicast(ip)) return;
  throw refuse(`cannot use "${address}" as the bind address for the API Server`, path);
}

function refuse(message: string, path: string): KubeadmError {
  return new KubeadmError('config-invalid', message, {
    hint: `set ${path} or --apiserver-advertise-address to an address of this machine`,
    place: { path },
  });
}
