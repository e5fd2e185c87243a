import type { FileReads } from '../host.ts';
import { joinHostPort, serverOf } from '../lib/host-port.ts';
import { readManifest } from '../manifests/read-manifest.ts';
import { ports } from '../names.ts';

/** The etcd member that the manifest on this node starts. */
export interface LocalMember {
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  /** Peer URLs of the other members at the time when the manifest was written. More can have joined since. */
  readonly otherPeerURLs: readonly string[];
  /** The folder of kubeadm's certificates, by the CA that the member trusts; undefined if kubeadm did not choose it. */
  readonly certificatesDir: string | undefined;
}

/**
 * Reads etcd.yaml of this node. Returns undefined if it does not exist.
 *
 * @throws FileError
 */
export async function readLocalMember(host: { readonly files: FileReads }): Promise<LocalMember | undefined> {
  const manifest = await readManifest(host, 'etcd');
  if (manifest === undefined) return undefined;
  const list = (flag: string) => (manifest.flags.get(flag) ?? '').split(',').filter((url) => url !== '');
  const advertised = list('initial-advertise-peer-urls');
  const peerURLs = advertised.length > 0 ? advertised : list('listen-peer-urls');
  const members = list('initial-cluster').map((member) => member.slice(member.indexOf('=') + 1));
  return {
    peerURLs,
    clientURLs: [...new Set([...list('advertise-client-urls'), ...list('listen-client-urls')])],
    otherPeerURLs: members.filter((url) => !peerURLs.includes(url)),
    certificatesDir: /^(.+)\/etcd\/ca\.crt$/.exec(manifest.flags.get('trusted-ca-file') ?? '')?.[1],
  };
}

/**
 * The address that the API server of this node advertises, from its manifest or that of etcd; undefined if neither has
 * one.
 *
 * @throws FileError
 */
export async function readLocalAdvertiseAddress(host: {
  readonly files: FileReads;
}): Promise<string | undefined> {
  const flag = (await readManifest(host, 'kube-apiserver'))?.flags.get('advertise-address');
  if (flag !== undefined && flag !== '') return flag;
  const [peerURL] = (await readLocalMember(host))?.peerURLs ?? [];
  return peerURL === undefined ? undefined : hostOf(peerURL);
}

/** The client URL of the member with this peer URL, if kubeadm chose both; undefined if the text is not such a URL. */
export function clientURLOf(peerURL: string): string | undefined {
  const host = hostOf(peerURL);
  return host === undefined ? undefined : `https://${joinHostPort(host, ports.etcdClient)}`;
}

/** The host of a URL without the brackets of an IPv6 address; undefined if the text is not a URL. */
export function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? serverOf(url).host : undefined;
}
