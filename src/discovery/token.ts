/** Discovery with a bootstrap token. Source: app/discovery/token. */
import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { tokenId } from '../cluster/tokens.ts';
import type { BootstrapTokenDiscovery } from '../config/hub.ts';
import { KubeadmError } from '../errors.ts';
import type { Kubeconfig, KubeconfigCluster } from '../kubeconfig/kubeconfig.ts';
import { redact } from '../lib/redact.ts';
import { certificatePem } from '../pki/read-certificate.ts';
import { untilRead } from './ask.ts';
import { authoritiesOf, checkValidity, pinned } from './authorities.ts';
import { parsePins } from './ca-pins.ts';
import {
  clusterInfoRef,
  clusterOf,
  kubeconfigTextOf,
  missingSignature,
  signatureOf,
} from './cluster-info.ts';
import { type DiscoveryContext, type DiscoveryHost, reportReading } from './context.ts';
import { isSignedWith } from './jws.ts';
import { distrust } from './refusals.ts';
import { NotYet } from './wait.ts';

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
  reportReading(server, context);
  const first = await readSigned(host, { discovery, trust: { insecureSkipTlsVerify: true } }, context);
  const cluster = clusterOf(first);
  const authorities = authoritiesOf(cluster);
  if (pins.size === 0) {
    checkValidity(authorities, host.clock, context.serverClock);
    detail(
      context,
      `cluster-info is signed with the token, and no CA hash was given: ${redact(cluster.server)}`,
    );
    return cluster;
  }
  const proved = pinned(authorities, pins);
  checkValidity(proved, host.clock, context.serverClock);
  const pem = proved.map(({ der }) => certificatePem(der)).join('');
  const second = await readSigned(host, { discovery, trust: { certificateAuthorityData: pem } }, context);
  if (second !== first) {
    throw distrust(
      'answers-differ',
      `the verified connection to ${server} shows another kubeconfig in cluster-info than the first, unverified one`,
      {
        hint: 'If the cluster has just been changed, try again. Otherwise somebody intercepts the connection.',
      },
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
  const server = `https://${discovery.apiServerEndpoint}`;
  const id = tokenId(discovery.token);
  let requests = 0;
  const read = async (client: KubeClient): Promise<KubeObject> => {
    requests += 1;
    const clusterInfo = await client.get(clusterInfoRef, { signal: context.signal });
    if (signatureOf(clusterInfo, id) !== undefined) return clusterInfo;
    throw new NotYet(missingSignature(clusterInfo, id, host.clock.now()));
  };
  const clusterInfo = await untilRead(host, anonymousKubeconfig(server, trust), { read, context });
  detail(context, `read cluster-info of ${server} with ${requests} request${requests === 1 ? '' : 's'}`);
  return signedText(clusterInfo, discovery.token);
}

function signedText(clusterInfo: KubeObject, token: string): string {
  const text = kubeconfigTextOf(clusterInfo);
  const id = tokenId(token);
  const signature = signatureOf(clusterInfo, id) ?? '';
  if (text === '') {
    throw distrust(
      'kubeconfig-missing',
      'the ConfigMap cluster-info has no kubeconfig, so nodes cannot join with a token',
      { hint: 'Run "kubeadm init phase bootstrap-token" on a control plane node, which writes it.' },
    );
  }
  if (signature === '') {
    throw distrust('signature-wrong', `the signature with the token ${id} in cluster-info is empty`, {
      hint: newCommand,
    });
  }
  if (isSignedWith(token, signature, text)) return text;
  throw distrust(
    'signature-wrong',
    `the signature with the token ${id} in cluster-info is not valid, so this API server cannot be trusted`,
    { hint: `The secret of the token is wrong, or this is not the right cluster. ${newCommand}` },
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
