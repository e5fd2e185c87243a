/** Discovery with a kubeconfig from a file or an https URL. Source: app/discovery/{file,https}. */
import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { KubeApiError, KubeadmError, messageOf } from '../errors.ts';
import { findCurrentContext } from '../kubeconfig/current.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from '../kubeconfig/kubeconfig.ts';
import { embedFiles, readKubeconfig } from '../kubeconfig/load.ts';
import { parseKubeconfig } from '../kubeconfig/parse.ts';
import { parseServerAddress } from '../kubeconfig/server-address.ts';
import { checkEveryEntry, pluginOf } from '../kubeconfig/usable.ts';
import { defined } from '../lib/defined.ts';
import { parseGoUrl } from '../lib/go/url.ts';
import { redact } from '../lib/redact.ts';
import { untilRead } from './ask.ts';
import { clusterInfoRef, kubeconfigTextOf } from './cluster-info.ts';
import { clusterToJoin } from './cluster-to-join.ts';
import { type DiscoveryContext, type DiscoveryHost, reportReading } from './context.ts';
import { downloadKubeconfig } from './download.ts';
import { repairable } from './refusals.ts';

/** A kubeconfig for discovery, reduced to the cluster to join and its user. */
export interface FileDiscovery {
  readonly cluster: KubeconfigCluster;
  /** The user of the current context. It is undefined if the kubeconfig has no current context. */
  readonly user: KubeconfigUser | undefined;
  /** The kubeconfig with only this cluster, this user and the context of both. */
  readonly kubeconfig: Kubeconfig;
}

/**
 * Reads the kubeconfig and the files that it names, and verifies that its server answers.
 *
 * @param location a path, or a URL with the scheme https
 * @param tokenGiven whether the TLS bootstrap has a token of its own. Then a user whose credentials kubeadm cannot get is
 *   not used.
 * @throws FileError; KubeadmError `kubeconfig-invalid`, `discovery-failed`, `timeout`
 */
export async function discoverWithFile(
  host: DiscoveryHost,
  { location, tokenGiven }: { readonly location: string; readonly tokenGiven: boolean },
  context: DiscoveryContext,
): Promise<FileDiscovery> {
  const source = isHttpsUrl(location)
    ? await downloadKubeconfig(host, location, context)
    : await repairable(() => readKubeconfig(host, location));
  const found = await reduce(host, source);
  const user = usableUser(found, tokenGiven);
  const { scheme, shown } = parseServerAddress(found.cluster.server);
  if (scheme !== 'https') {
    throw invalid(
      found.kubeconfig,
      `its server ${shown} does not use https`,
      'Use the https address of the API server.',
    );
  }
  if (found.cluster.insecureSkipTlsVerify === true) {
    const message = `${where(found.kubeconfig)} has insecure-skip-tls-verify, so nothing proves that its server is the right one`;
    context.emit({ type: 'warning', code: 'discovery-not-verified', topic: 'discovery', message });
  }
  const clusterInfo = await readClusterInfo(host, { ...found, user }, context);
  if (clusterInfo === undefined) return found;
  return withCluster(found, refreshed(found.cluster, clusterInfo, context));
}

/** Whether the text is a URL with the scheme https, as Go reads it. */
function isHttpsUrl(location: string): boolean {
  try {
    return parseGoUrl(location).scheme === 'https';
  } catch {
    return false;
  }
}

async function reduce(host: DiscoveryHost, source: Kubeconfig): Promise<FileDiscovery> {
  const { name } = clusterToJoin(source, where(source));
  checkEveryEntry(source);
  const context = findCurrentContext(source);
  const complete = await embedFiles(host, source, { cluster: name, user: context?.user });
  const [cluster] = complete.clusters.filter((entry) => entry.name === name);
  if (cluster === undefined) throw invalid(source, 'its cluster is missing', 'Repair it.');
  const users = complete.users.filter((entry) => entry.name === context?.user);
  const kubeconfig: Kubeconfig = {
    ...complete,
    clusters: [cluster],
    contexts: context === undefined ? [] : [{ ...context, cluster: name }],
    users,
  };
  return { cluster, user: users[0], kubeconfig };
}

function withCluster(found: FileDiscovery, cluster: KubeconfigCluster): FileDiscovery {
  return { ...found, cluster, kubeconfig: { ...found.kubeconfig, clusters: [cluster] } };
}

/** The user for the connection; undefined for an anonymous one. */
function usableUser({ kubeconfig, user }: FileDiscovery, tokenGiven: boolean): KubeconfigUser | undefined {
  const plugin = user === undefined ? undefined : pluginOf(user);
  if (user === undefined || plugin === undefined) return user;
  if (tokenGiven) return undefined;
  throw invalid(
    kubeconfig,
    `the user "${user.name}" gets its credentials by ${plugin}, which kubeadm does not run`,
    'Use a kubeconfig with a client certificate or a token, or give the kubelet a token with "--tls-bootstrap-token".',
  );
}

/** Returns undefined if the server does not allow to read cluster-info. The connection is verified even then. */
async function readClusterInfo(
  host: DiscoveryHost,
  found: FileDiscovery,
  context: DiscoveryContext,
): Promise<KubeObject | undefined> {
  const { emit, signal } = context;
  const read = async (client: KubeClient): Promise<KubeObject | undefined> => {
    try {
      return await client.get(clusterInfoRef, { signal });
    } catch (error) {
      if (!(error instanceof KubeApiError && error.status === 403)) throw error;
      const message = `${client.server} does not allow to read the ConfigMap cluster-info, so its server and CA are not compared with those of the kubeconfig. Its certificate is valid.`;
      emit({ type: 'warning', code: 'cluster-info-forbidden', topic: 'discovery', message });
      return undefined;
    }
  };
  reportReading(redact(found.cluster.server), context);
  return await untilRead(host, connection(found), { read, context });
}

function connection({ cluster, kubeconfig, user = { name: 'anonymous' } }: FileDiscovery): Kubeconfig {
  return {
    currentContext: 'discovery',
    clusters: [cluster],
    contexts: [{ name: 'discovery', cluster: cluster.name, user: user.name }],
    users: [user],
    ...defined({ path: kubeconfig.path }),
  };
}

/** The cluster with the CA of cluster-info if it has none. Unreadable content of cluster-info is ignored, as upstream. */
function refreshed(
  cluster: KubeconfigCluster,
  clusterInfo: KubeObject,
  { emit }: DiscoveryContext,
): KubeconfigCluster {
  const place = 'the kubeconfig in the ConfigMap cluster-info';
  let published: KubeconfigCluster;
  try {
    const text = kubeconfigTextOf(clusterInfo);
    if (text === '') throw new Error('the ConfigMap cluster-info has no kubeconfig');
    published = clusterToJoin(parseKubeconfig(text, place), place);
  } catch (error) {
    const message = `ignored cluster-info: ${messageOf(error)}`;
    emit({ type: 'detail', verbosity: 1, topic: 'discovery', message });
    return cluster;
  }
  const { server, certificateAuthorityData = '' } = published;
  if (server !== cluster.server) {
    const message = `the kubeconfig for discovery names the API server ${redact(cluster.server)}, and cluster-info names ${redact(server)}. The node uses the first one.`;
    emit({ type: 'warning', code: 'discovery-server-differs', topic: 'discovery', message });
  }
  const own = cluster.certificateAuthorityData ?? '';
  return own !== '' || certificateAuthorityData === '' ? cluster : { ...cluster, certificateAuthorityData };
}

function where({ path }: Kubeconfig): string {
  return path ?? 'the kubeconfig';
}

function invalid(kubeconfig: Kubeconfig, problem: string, hint: string): KubeadmError {
  return new KubeadmError('kubeconfig-invalid', `${where(kubeconfig)}: ${problem}`, { hint });
}
