/** A cluster for tests of discovery: its cluster-info, and a node in memory that discovers it. */
import type { KubeObject } from '../clients/kube/kube-client.ts';
import { clusterInfo } from '../cluster/cluster-info.ts';
import type { BootstrapTokenDiscovery, Discovery } from '../config/hub.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost, type MemoryHost, type MemoryHostOptions } from '../host/memory/index.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig.ts';
import { parseCertificates } from '../pki/files.ts';
import { pinOf } from './ca-pins.ts';
import { kubeconfigTextOf } from './cluster-info.ts';
import { discover } from './discover.ts';
import { detachedSignature } from './jws.ts';

export const token = 'abcdef.0123456789abcdef';
export const endpoint = '10.0.0.5:6443';
export const server = `https://${endpoint}`;

/** An ECDSA CA that is valid from 2026-11-24 for 100 years. */
export const ca = `-----BEGIN CERTIFICATE-----
MIIBgTCCASegAwIBAgIUDiNQnHu3PswefJWOrz9LH2gbLb0wCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKa3ViZXJuZXRlczAgFw0yNjExMjQxNTMzNTRaGA8yMTI2MTAz
MTE1MzM1NFowFTETMBEGA1UEAwwKa3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABHMEoVqbmwKm6VwnsEMy2gu2G5llCm5fh/CsJTtdXaeppDLsQfJP
rEw2gZ6JjmlEIn47WPI+3g5tzFN8ZLLUBwijUzBRMB0GA1UdDgQWBBS+YSlj1pPl
uryhW1I8HB3HxMHYKzAfBgNVHSMEGDAWgBS+YSlj1pPluryhW1I8HB3HxMHYKzAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQDjOJqppaJ1wbIOzdKG
9uwdLTxfT8YlfSzQRjMMq1tXbwIgCMw4cLhlV4OcTbm6Ecj/txyCbpc4Q7Q+UMfb
54L7NTc=
-----END CERTIFICATE-----
`;
export const pin = 'sha256:065ce001d450f6d42ac9f59d4a66ed3cbd4d26b654a005e982e163851df0840f';

/** The cluster-info that kubeadm writes, with signatures of the tokens. */
export function signedClusterInfo({
  authority = ca,
  address = server,
  tokens = [token],
}: {
  readonly authority?: string;
  readonly address?: string;
  readonly tokens?: readonly string[];
} = {}): KubeObject {
  const object = clusterInfo({ name: '', server: address, certificateAuthorityData: authority });
  return withSignatures(object, kubeconfigTextOf(object), tokens);
}

/** A cluster-info with any text as its kubeconfig, which the token has signed. */
export function clusterInfoWithText(text: string, tokens: readonly string[] = [token]): KubeObject {
  return withSignatures(signedClusterInfo(), text, tokens);
}

function withSignatures(object: KubeObject, text: string, tokens: readonly string[]): KubeObject {
  const signatures = tokens.map((each) => [
    `jws-kubeconfig-${each.slice(0, 6)}`,
    detachedSignature(text, each),
  ]);
  return { ...object, data: { kubeconfig: text, ...Object.fromEntries(signatures) } };
}

/** The object with other values in its data; undefined removes a key. */
export function withData(object: KubeObject, data: Readonly<Record<string, string | undefined>>): KubeObject {
  const all = Object.entries({ ...(object.data as Record<string, string>), ...data });
  return { ...object, data: Object.fromEntries(all.filter(([, value]) => value !== undefined)) };
}

export function pinsOf(pem: string): readonly string[] {
  const { certificate, intermediates } = parseCertificates(pem, 'the test');
  return [certificate, ...intermediates].map(pinOf);
}

/** A node at a time at which `ca` is valid. */
export function createNode(clusterInfoObject?: KubeObject, options: MemoryHostOptions = {}): MemoryHost {
  const host = createMemoryHost({ now: new Date('2026-11-30T12:00:00Z'), ...options });
  if (clusterInfoObject !== undefined) host.api.create(clusterInfoObject);
  return host;
}

export function tokenDiscovery(change: Partial<BootstrapTokenDiscovery> = {}): Discovery {
  const bootstrapToken = {
    token,
    apiServerEndpoint: endpoint,
    caCertHashes: [pin],
    unsafeSkipCAVerification: false,
    ...change,
  };
  return { bootstrapToken, tlsBootstrapToken: token };
}

export function fileDiscovery(kubeConfigPath: string, tlsBootstrapToken = ''): Discovery {
  return { file: { kubeConfigPath }, tlsBootstrapToken };
}

export interface Outcome {
  readonly kubeconfig?: Kubeconfig;
  readonly error?: unknown;
  readonly events: readonly KubeadmEvent[];
  /** The time that passed on the clock of the node. */
  readonly milliseconds: number;
}

/** Runs discovery with a limit of 5 minutes. */
export async function outcomeOf(
  host: MemoryHost,
  discovery: Discovery,
  { timeoutMs = 300_000, signal = new AbortController().signal } = {},
): Promise<Outcome> {
  const events: KubeadmEvent[] = [];
  const context = { emit: (event: KubeadmEvent) => void events.push(event), signal };
  const start = host.clock.monotonic();
  const done = (): { readonly events: readonly KubeadmEvent[]; readonly milliseconds: number } => ({
    events,
    milliseconds: host.clock.monotonic() - start,
  });
  try {
    const kubeconfig = await discover(host, { discovery, timeouts: { discovery: timeoutMs } }, context);
    return { kubeconfig, ...done() };
  } catch (error) {
    return { error, ...done() };
  }
}

/** `details.reason` of an error. */
export function reasonOf({ error }: Outcome): unknown {
  const details = error instanceof Error && 'details' in error ? error.details : {};
  return (details as Record<string, unknown>).reason;
}
