/** The authorities, certificates and servers that the cases share. */
import { createHash, X509Certificate } from 'node:crypto';

import type { KubeObject } from '../../../src/clients/kube/kube-client.ts';
import type { BootstrapTokenDiscovery } from '../../../src/config/hub.ts';
import { signedClusterInfo } from '../../../src/discovery/discovery.fixture.ts';
import {
  createTestAuthority,
  day,
  type Pair,
  type TestAuthority,
} from '../../../src/host/machine/network/tls.fixture.ts';
import { type Answer, type RecordingServer, serve, whole } from './servers.ts';

export const secret = '0123456789abcdef';
export const token = `abcdef.${secret}`;

export interface World {
  /** The authority of the cluster. Its hash is the pin. */
  readonly own: TestAuthority;
  /** Another authority with the same name. */
  readonly other: TestAuthority;
  readonly pin: string;
  /** Certificates of servers at 127.0.0.1, by what is wrong with them. */
  readonly pairs: Readonly<
    Record<'other' | 'strange' | 'expired' | 'early' | 'otherName' | 'clientOnly', Pair>
  >;
  /** A right certificate for a server at 127.0.0.1. */
  readonly server: Pair;
  /** A client certificate of the cluster. */
  readonly client: Pair;
  /** A server of the cluster's authority that redirects lead to. */
  readonly elsewhere: RecordingServer;
}

/** A server, how it answers, and how a node looks for its cluster there. */
export interface Case {
  /** The reason of the refusal, or `accepted`. */
  readonly outcome: string;
  /** The certificate of the server. By default it is right; null is a server without TLS. */
  readonly pair?: Pair | null;
  readonly answer: (server: string) => Answer;
  /** What differs in the discovery with a token and a pin. */
  readonly token?: Partial<BootstrapTokenDiscovery>;
  /** The content of a kubeconfig file for a discovery with a file. */
  readonly file?: (server: string) => object;
  /** The kubeconfig is downloaded from `/kubeconfig` of the server. */
  readonly isDownload?: boolean;
  /** The server does not end its answer, so the test should not wait for long. */
  readonly isSilent?: boolean;
  /** The server is the one that the pin or the kubeconfig proves. */
  readonly isProved?: boolean;
}

export type Cases = Readonly<Record<string, Case>>;

export async function createWorld(): Promise<World> {
  const [own, other, strange] = await Promise.all([
    createTestAuthority(),
    createTestAuthority(),
    createTestAuthority('strange-ca'),
  ]);
  const server = await own.issue();
  return {
    own,
    other,
    pin: pinOf(own.ca),
    pairs: {
      other: await other.issue(),
      strange: await strange.issue(),
      expired: await own.issue({ notAfter: new Date(Date.now() - day) }),
      early: await own.issue({ notBefore: new Date(Date.now() + day / 2) }),
      otherName: await own.issue({ dnsNames: ['other.test'], ips: ['192.0.2.1'] }),
      clientOnly: await own.issue({ usages: ['client'] }),
    },
    server,
    client: await own.issue({ commonName: 'tester', usages: ['client'], dnsNames: [], ips: [] }),
    elsewhere: await serve(server, whole('{}')),
  };
}

/** Answers with the cluster-info of a server, after a change. */
export function info(
  authority: string,
  change: (clusterInfo: KubeObject) => KubeObject = (clusterInfo) => clusterInfo,
): (server: string) => Answer {
  return (address) =>
    whole(JSON.stringify(change(signedClusterInfo({ address, authority, tokens: [token] }))));
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function pinOf(pem: string): string {
  const der = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256:${createHash('sha256').update(der).digest('hex')}`;
}
