/** Discovery with a bootstrap token. Source: app/discovery/token. */
import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { tokenId } from '../cluster/tokens.ts';
import type { BootstrapTokenDiscovery } from '../config/hub.ts';
import { KubeadmError } from '../errors.ts';
import type { Kubeconfig, KubeconfigCluster } from '../kubeconfig/kubeconfig.ts';
import { certificatePem } from '../pki/read-certificate.ts';
import { authoritiesOf, checkValidity, pinned } from './authorities.ts';
import { parsePins } from './ca-pins.ts';
import {
  clusterInfoRef,
  clusterOf,
  kubeconfigTextOf,
  missingSignature,
  signatureOf,
} from './cluster-info.ts';
import type { DiscoveryContext, DiscoveryHost } from './context.ts';
import { isSignedWith } from './jws.ts';
import { obstacleOf } from './obstacles.ts';
import { distrust } from './refusals.ts';
import { NotYet, untilAnswered } from './wait.ts';

/** cluster-info has a few kilobytes, and etcd stores no ConfigMap that is larger than this. */
const maxAnswerBytes = 1024 * 1024 + 512 * 1024;
const newCommand =
  'Run "kubeadm token create --print-join-command" on a control plane node, and use the command that it prints.';

/**
 * Returns the cluster that cluster-info describes. The token proves its kubeconfig. With CA pins, it is read a second time
 * over a connection that the pinned authority proves. No request carries the token or other credentials.
 *
 * @throws KubeadmError `config-invalid` for a CA hash, `discovery-failed`, `timeout`
 */
export async function discoverWithToken(
  host: DiscoveryHost,
  discovery: BootstrapTokenDiscovery,
  context: DiscoveryContext,
): Promise<KubeconfigCluster> {
  checkToken(discovery.token);
  const pins = parsePins(discovery.caCertHashes);
  const server = `https://${discovery.apiServerEndpoint}`;
  const first = await readSigned(host, { discovery, trust: { insecureSkipTlsVerify: true } }, context);
  const cluster = clusterOf(first);
  const authorities = authoritiesOf(cluster);
  if (pins.size === 0) {
    checkValidity(authorities, host.clock.now());
    detail(context, `cluster-info is signed with the token, and no CA hash was given: ${cluster.server}`);
    return cluster;
  }
  const proved = pinned(authorities, pins);
  checkValidity(proved, host.clock.now());
  const pem = proved.map(({ der }) => certificatePem(der)).join('');
  const second = await readSigned(host, { discovery, trust: { certificateAuthorityData: pem } }, context);
  if (second !== first) {
    throw distrust(
      'answers-differ',
      `the verified connection to ${server} shows another kubeconfig in cluster-info than the first, unverified one`,
      'If the cluster has just been changed, try again. Otherwise somebody intercepts the connection.',
    );
  }
  detail(context, `cluster-info is signed with the token, and the pinned CA proves ${server}`);
  return cluster;
}

/** The message does not contain the token, because a part of it may be a secret. */
function checkToken(token: string): void {
  if (/^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(token)) return;
  throw new KubeadmError(
    'config-invalid',
    'the bootstrap token for discovery does not have the form of a token',
    {
      place: { path: 'discovery.bootstrapToken.token' },
      hint: 'A token has 6 and 16 letters and digits, with a period between them.',
    },
  );
}

interface Reading {
  readonly discovery: BootstrapTokenDiscovery;
  readonly trust: Pick<KubeconfigCluster, 'insecureSkipTlsVerify' | 'certificateAuthorityData'>;
}

/** Waits for cluster-info with a signature of the token, and returns the text that is signed. */
async function readSigned(
  host: DiscoveryHost,
  { discovery, trust }: Reading,
  context: DiscoveryContext,
): Promise<string> {
  const client = host.kube(anonymousKubeconfig(`https://${discovery.apiServerEndpoint}`, trust), {
    maxAnswerBytes,
  });
  const id = tokenId(discovery.token);
  try {
    let requests = 0;
    const read = async (): Promise<KubeObject> => {
      requests += 1;
      const clusterInfo = await client.get(clusterInfoRef, { signal: context.signal });
      if (signatureOf(clusterInfo, id) !== undefined) return clusterInfo;
      throw new NotYet(missingSignature(clusterInfo, id, host.clock.now()));
    };
    const clusterInfo = await untilRead(client, read, { host, context });
    detail(
      context,
      `read cluster-info of ${client.server} with ${requests} request${requests === 1 ? '' : 's'}`,
    );
    return signedText(clusterInfo, discovery.token);
  } finally {
    client.close();
  }
}

async function untilRead<T>(
  { server }: KubeClient,
  read: () => Promise<T>,
  { host, context }: { readonly host: DiscoveryHost; readonly context: DiscoveryContext },
): Promise<T> {
  const wait = { ...context, clock: host.clock, what: 'cluster-info' };
  return await untilAnswered(read, (error) => obstacleOf(error, server), wait);
}

function signedText(clusterInfo: KubeObject, token: string): string {
  const text = kubeconfigTextOf(clusterInfo);
  const id = tokenId(token);
  const signature = signatureOf(clusterInfo, id) ?? '';
  if (text === '') {
    throw distrust(
      'kubeconfig-missing',
      'the ConfigMap cluster-info has no kubeconfig, so nodes cannot join with a token',
      'Run "kubeadm init phase bootstrap-token" on a control plane node, which writes it.',
    );
  }
  if (signature === '') {
    throw distrust(
      'signature-wrong',
      `the signature with the token ${id} in cluster-info is empty`,
      newCommand,
    );
  }
  if (isSignedWith(token, signature, text)) return text;
  throw distrust(
    'signature-wrong',
    `the signature with the token ${id} in cluster-info is not valid, so this API server cannot be trusted`,
    `The secret of the token is wrong, or this is not the right cluster. ${newCommand}`,
  );
}

/** A kubeconfig without credentials. */
export function anonymousKubeconfig(server: string, trust: Reading['trust']): Kubeconfig {
  return {
    currentContext: 'discovery',
    clusters: [{ name: 'kubernetes', server, ...trust }],
    contexts: [{ name: 'discovery', cluster: 'kubernetes', user: 'token-bootstrap-client' }],
    users: [{ name: 'token-bootstrap-client' }],
  };
}

function detail({ emit }: DiscoveryContext, message: string): void {
  emit({ type: 'detail', verbosity: 1, topic: 'discovery', message });
}
