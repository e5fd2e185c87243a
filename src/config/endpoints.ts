import { joinHostPort, splitHostPort } from '../lib/host-port.ts';
import { addressAt, parseCIDRSloppy } from '../lib/ip.ts';
import type { APIEndpoint, ClusterConfiguration } from './hub.ts';

/** `https://<advertiseAddress>:<bindPort>`. */
export function localEndpoint(endpoint: APIEndpoint): string {
  return `https://${joinHostPort(endpoint.advertiseAddress, endpoint.bindPort)}`;
}

/** `https://<controlPlaneEndpoint>`, with bindPort where it has no port; the local endpoint where none is set. */
export function controlPlaneEndpoint(cluster: ClusterConfiguration, endpoint: APIEndpoint): string {
  const text = cluster.controlPlaneEndpoint;
  if (text === '') return localEndpoint(endpoint);
  const { host, port } = splitHostPort(text) ?? { host: text.replace(/^\[|\]$/g, ''), port: '' };
  return `https://${joinHostPort(host, port === '' ? endpoint.bindPort : port)}`;
}

/** The n-th address of the first service subnet: 1 is the API's Service, 10 that of DNS. */
export function serviceAddress(cluster: ClusterConfiguration, n: number): string {
  const cidr = parseCIDRSloppy(cluster.networking.serviceSubnet.split(',')[0] ?? '');
  const address = cidr === undefined ? undefined : addressAt(cidr, n);
  if (address === undefined)
    throw new RangeError(`no address number ${n} in ${cluster.networking.serviceSubnet}`);
  return address;
}
