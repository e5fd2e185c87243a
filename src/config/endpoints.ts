import { joinHostPort, splitHostPort } from '../lib/host-port.ts';
import { addressAt, parseCIDRSloppy } from '../lib/ip.ts';
import type { APIEndpoint, ClusterConfiguration } from './hub.ts';

/** Returns `https://<advertiseAddress>:<bindPort>`. */
export function localEndpoint(endpoint: APIEndpoint): string {
  return `https://${joinHostPort(endpoint.advertiseAddress, endpoint.bindPort)}`;
}

/** Returns `https://<controlPlaneEndpoint>`. The port defaults to bindPort, and the endpoint to the local endpoint. */
export function controlPlaneEndpoint(cluster: ClusterConfiguration, endpoint: APIEndpoint): string {
  const text = cluster.controlPlaneEndpoint;
  if (text === '') return localEndpoint(endpoint);
  const { host, port } = splitHostPort(text) ?? { host: text.replace(/^\[|\]$/g, ''), port: '' };
  return `https://${joinHostPort(host, port === '' ? endpoint.bindPort : port)}`;
}

/** Returns the n-th address of the first service subnet. Number 1 is the API's Service, and 10 is the DNS Service. */
export function serviceAddress(cluster: ClusterConfiguration, n: number): string {
  const cidr = parseCIDRSloppy(cluster.networking.serviceSubnet.split(',')[0] ?? '');
  const address = cidr === undefined ? undefined : addressAt(cidr, n);
  if (address === undefined)
    throw new RangeError(`no address number ${n} in ${cluster.networking.serviceSubnet}`);
  return address;
}
