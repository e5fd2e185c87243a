/** Subnets of Services and Pods. */
import { lastArgument } from '../../lib/arguments.ts';
import { bitsOf, type CIDR, parseCIDRSloppy } from '../../lib/ip.ts';
import type { Finding } from '../findings/finding.ts';
import type { Arg, ClusterConfiguration } from '../hub.ts';
import { checkDnsName, invalid, warning } from './values.ts';

const minimumServiceAddresses = 10;
const minimumPodAddresses = 14;
const largestServiceBits = 20;
const largestMaskDifference = 16;
const families = 'expected one (IPv4 or IPv6) CIDR or two CIDRs from each family for dual-stack networking';

export function validateNetworking(cluster: ClusterConfiguration): readonly Finding[] {
  const { serviceSubnet, podSubnet, dnsDomain } = cluster.networking;
  const servicePath = 'networking.serviceSubnet';
  const podPath = 'networking.podSubnet';
  const args = cluster.controllerManager.extraArgs;
  return [
    ...checkDnsName(dnsDomain, 'networking.dnsDomain'),
    ...checkSubnets(serviceSubnet, servicePath, minimumServiceAddresses),
    ...(parseSubnets(serviceSubnet) ?? []).flatMap((subnet) => checkServiceSize(subnet, servicePath)),
    ...(podSubnet === '' ? [] : checkSubnets(podSubnet, podPath, minimumPodAddresses)),
    ...(podSubnet === '' || lastArgument(args, 'allocate-node-cidrs') === 'false'
      ? []
      : (parseSubnets(podSubnet) ?? []).flatMap((subnet) => checkNodeMask(subnet, args, podPath))),
  ];
}

/** Returns undefined unless all parts are CIDRs. As upstream, spaces around the comma are not allowed. */
function parseSubnets(text: string): readonly CIDR[] | undefined {
  const subnets = text.split(',').map(parseCIDRSloppy);
  const cidrs = subnets.filter((subnet) => subnet !== undefined);
  return cidrs.length === subnets.length ? cidrs : undefined;
}

function checkSubnets(text: string, path: string, minimum: number): readonly Finding[] {
  const subnets = parseSubnets(text);
  if (subnets === undefined) {
    const bad = text.split(',').find((part) => parseCIDRSloppy(part) === undefined) ?? '';
    return [
      invalid(
        path,
        text,
        `couldn't parse subnet ${JSON.stringify(bad)}: must be a CIDR such as 10.244.0.0/16, or one IPv4 and one IPv6 separated by a comma`,
      ),
    ];
  }
  const [first, second, third] = subnets;
  const sameFamily = second !== undefined && first?.family === second.family;
  return [
    ...(third !== undefined || sameFamily ? [invalid(path, text, families)] : []),
    ...subnets.flatMap((subnet) => checkSize(subnet, path, minimum)),
  ];
}

function checkSize(subnet: CIDR, path: string, minimum: number): readonly Finding[] {
  const bits = bitsOf(subnet.family) - subnet.prefix;
  // Upstream computes 0 addresses for subnets with almost every address.
  const count = bits >= (subnet.family === 4 ? 31 : 127) ? 0 : 2 ** bits;
  const siteLocal = subnet.family === 6 && overlapsSiteLocal(subnet);
  return [
    ...(count < minimum
      ? [
          invalid(
            path,
            subnet.text,
            `subnet with ${count} address(es) is too small, the minimum is ${minimum}`,
          ),
        ]
      : []),
    ...(siteLocal
      ? [
          warning(
            'subnet-site-local',
            path,
            `${subnet.text} overlaps with the site-local range fec0::/10, deprecated by RFC 3879`,
          ),
        ]
      : []),
  ];
}

function overlapsSiteLocal({ network, prefix }: CIDR): boolean {
  const shift = BigInt(128 - Math.min(prefix, 10));
  return network >> shift === (0xfec0n << 112n) >> shift;
}

function checkServiceSize(subnet: CIDR, path: string): readonly Finding[] {
  const total = bitsOf(subnet.family);
  return total - subnet.prefix > largestServiceBits
    ? [
        invalid(
          path,
          subnet.text,
          `specified service subnet is too large; for ${total}-bit addresses, the mask must be >= ${total - largestServiceBits}`,
        ),
      ]
    : [];
}

/** Each node gets a part of the Pod subnet. The mask of the node must be longer, but by no more than 16 bits. */
function checkNodeMask(subnet: CIDR, args: readonly Arg[], path: string): readonly Finding[] {
  const name = `node-cidr-mask-size-ipv${subnet.family}`;
  const given = lastArgument(args, name) ?? '';
  if (given !== '' && !/^[-+]?\d+$/.test(given)) {
    return [
      invalid(path, subnet.text, `the value of controllerManager's ${name} is not an integer: "${given}"`),
    ];
  }
  const mask = given === '' ? (subnet.family === 4 ? 24 : 64) : Number(given);
  if (subnet.prefix > mask) {
    const message = `the size of pod subnet with mask ${subnet.prefix} is smaller than the size of node subnet with mask ${mask}`;
    return [invalid(path, subnet.text, `${message} (${name})`)];
  }
  return mask - subnet.prefix > largestMaskDifference
    ? [
        invalid(
          path,
          subnet.text,
          `pod subnet mask (${subnet.prefix}) and node-mask (${mask}, ${name}) difference is greater than ${largestMaskDifference}`,
        ),
      ]
    : [];
}
