import type { Host } from '../host.ts';
import { joinHostPort } from '../lib/host-port.ts';
import { ports } from '../names.ts';
import { clientURLOf, hostOf, type LocalMember, readLocalMember } from './local-member.ts';

/** The values that a later try needs to find and remove a member without the manifest of its node. */
export interface RecordedMember {
  /** Hexadecimal; undefined when the members could not be listed yet. */
  readonly id?: string;
  readonly peerURLs: readonly string[];
  /** Client URLs of etcd. */
  readonly endpoints: readonly string[];
  /** The folder of the certificates with which etcd is asked. */
  readonly certificatesDir?: string;
}

/** The values from which this node's member is found. */
export interface OwnMemberSources {
  /** The address of this node's API server; empty if it is not known. */
  readonly advertiseAddress: string;
  /** The folder of the certificates, unless the manifest of etcd or the record names another one. */
  readonly certificatesDir: string;
  /** The member as a try that was cut off knew it; undefined if no try was cut off. */
  readonly recorded?: RecordedMember | undefined;
}

/** The member of etcd that belongs to this node, which may be missing in the member list. */
export interface OwnMember {
  /** Hexadecimal; undefined if only the peer URLs identify the member. */
  readonly id: string | undefined;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  /** Peer URLs of the other members that this node knows, and client URLs of those that only the record names. */
  readonly otherURLs: readonly string[];
  /** The client URLs of this member and of the others that this node knows. */
  readonly endpoints: readonly string[];
  /** The folder of the certificates with which etcd is asked. */
  readonly certificatesDir: string;
}

/**
 * Finds this node's member in the manifest of etcd, the advertised address and the record. Without any of these, the
 * member has a peer URL with an address of this machine.
 *
 * @throws FileError
 */
export async function readOwnMember(
  host: Pick<Host, 'files' | 'net'>,
  { advertiseAddress, certificatesDir, recorded }: OwnMemberSources,
): Promise<OwnMember> {
  const local = await readLocalMember(host);
  const addresses = advertiseAddress === '' ? [] : [advertiseAddress];
  const peerURLs = unique(local?.peerURLs, urlsOf(addresses, ports.etcdPeer), recorded?.peerURLs);
  const found = peerURLs.length > 0 ? peerURLs : urlsOf(await ownAddresses(host), ports.etcdPeer);
  return {
    id: recorded?.id,
    peerURLs: found,
    clientURLs: unique(local?.clientURLs, urlsOf(addresses, ports.etcdClient)),
    otherURLs: unique(local?.otherPeerURLs, recordedOthers(recorded, found, local)),
    endpoints: unique(local?.clientURLs, otherClientURLs(local), recorded?.endpoints),
    certificatesDir: local?.certificatesDir ?? recorded?.certificatesDir ?? certificatesDir,
  };
}

/** The recorded endpoints at hosts that neither this member nor the manifest has. */
function recordedOthers(
  recorded: RecordedMember | undefined,
  own: readonly string[],
  local: LocalMember | undefined,
): readonly string[] {
  const known = [...own, ...(local?.otherPeerURLs ?? [])].map(hostOf);
  const hosts = new Set([...known, '127.0.0.1', '::1', 'localhost']);
  return (recorded?.endpoints ?? []).filter((url) => !hosts.has(hostOf(url)));
}

function otherClientURLs(local: LocalMember | undefined): readonly string[] {
  return (local?.otherPeerURLs ?? []).flatMap((url) => clientURLOf(url) ?? []);
}

/** The addresses of this machine that other machines can reach. */
async function ownAddresses({ net }: Pick<Host, 'net'>): Promise<readonly string[]> {
  const interfaces = (await net.interfaces()).filter(({ loopback }) => !loopback);
  return interfaces.flatMap(({ addresses }) => addresses.map((address) => address.replace(/\/\d+$/, '')));
}

function urlsOf(addresses: readonly string[], port: number): readonly string[] {
  return addresses.map((address) => `https://${joinHostPort(address, port)}`);
}

function unique(...lists: readonly (readonly string[] | undefined)[]): readonly string[] {
  return [...new Set(lists.flatMap((list) => list ?? []))];
}
