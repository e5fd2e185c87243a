import { warnTo } from '../config/findings/warnings.ts';
import type { ClusterConfiguration } from '../config/hub.ts';
import { loadInitFamily } from '../config/load.ts';
import type { ConfigDocument } from '../config/reading/documents.ts';
import { isNotFound, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { currentKubernetesVersion } from '../versions.ts';
import type { WarningCode } from '../warnings.ts';
import { closedOnAbort } from './client.ts';
import { fetchClusterConfiguration } from './read.ts';

export interface RenewalSource {
  /** The configuration file. If it is set, its certificatesDir is used instead of the option below. */
  readonly configPath?: string;
  /** The documents of that file, if they were read before. */
  readonly documents?: readonly ConfigDocument[];
  /** The kubeconfig of the cluster with the configuration. It is used if no file is set. */
  readonly kubeconfig: string;
  /** Overrides the cluster's certificatesDir, which belongs to the first control-plane node. */
  readonly certificatesDir: string;
}

interface Context {
  readonly emit: Emit;
  /** The topic of the progress lines, which is the name of the command. */
  readonly topic: string;
  readonly signal: AbortSignal;
}

/**
 * Loads the configuration for renewing certificates from the file, or else from the cluster, or else from the defaults. A
 * cluster that does not answer is only a warning, because its certificates may have expired.
 * Source: cmd/certs.go getInternalCfg.
 *
 * @throws KubeadmError `interrupted`; the errors of `loadInitFamily`
 */
export async function loadRenewalConfiguration(
  host: Host,
  source: RenewalSource,
  context: Context,
): Promise<ClusterConfiguration> {
  const { emit } = context;
  const { certificatesDir, configPath, documents } = source;
  const fromCluster =
    configPath === undefined ? await askCluster(host, source.kubeconfig, context) : undefined;
  if (fromCluster !== undefined) {
    return certificatesDir === '' ? fromCluster : { ...fromCluster, certificatesDir };
  }
  // The fixed version avoids a request to the release server.
  const overlay = { cluster: { kubernetesVersion: `v${currentKubernetesVersion}`, certificatesDir } };
  const file = documents === undefined ? {} : { documents };
  const given = configPath === undefined ? { overlay } : { configPath, ...file };
  const options = { criDetection: false, onWarning: warnTo(emit) };
  return (await loadInitFamily(host, given, options)).config.cluster;
}

async function askCluster(
  host: Host,
  path: string,
  { emit, signal, topic }: Context,
): Promise<ClusterConfiguration | undefined> {
  const warn = (code: WarningCode, message: string) => emit({ type: 'warning', code, message });
  let client: ReturnType<Host['kube']>;
  try {
    client = host.kube(await loadKubeconfig(host, path));
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    const message = `the cluster is not asked for its configuration: ${messageOf(error)}`;
    if (isNotFound(error)) emit({ type: 'detail', verbosity: 1, message });
    else warn('cluster-not-asked', message);
    return undefined;
  }
  try {
    return await closedOnAbort(client, signal, () =>
      fetchClusterConfiguration(client, host, { emit, signal, topic }),
    );
  } catch (error) {
    if (signal.aborted) throw new KubeadmError('interrupted', messageOf(signal.reason));
    if (!(error instanceof KubeadmError)) throw error;
    warn(
      'cluster-configuration-not-read',
      `the configuration could not be read from the cluster at ${client.server}: ${messageOf(error)}`,
    );
    const message = 'Error reading configuration from the Cluster. Falling back to default configuration';
    emit({ type: 'progress', topic, message });
    return undefined;
  } finally {
    client.close();
    emit({ type: 'output', text: '\n' });
  }
}
