import { warnTo } from '../config/findings/warnings.ts';
import type { ClusterConfiguration } from '../config/hub.ts';
import { loadInitFamily } from '../config/load.ts';
import { isNotFound, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { currentKubernetesVersion } from '../versions.ts';
import type { WarningCode } from '../warnings.ts';
import { fetchClusterConfiguration } from './read.ts';

export interface RenewalSource {
  /** When it is given, its certificatesDir counts and not the one below. */
  readonly configPath?: string;
  /** Of the cluster that is asked when no file is given. */
  readonly kubeconfig: string;
  /** Replaces the cluster's own, which is that of the node on which it was made. */
  readonly certificatesDir: string;
}

/**
 * The configuration by which certificates are renewed: of the file, else of the cluster, else the defaults. That the
 * cluster is out of reach is no error: its certificates may have expired. Source: cmd/certs.go getInternalCfg.
 *
 * @param topic of the lines that say so: the name of the command
 * @throws KubeadmError of `loadInitFamily`
 */
export async function loadRenewalConfiguration(
  host: Host,
  source: RenewalSource,
  { emit, topic }: { readonly emit: Emit; readonly topic: string },
): Promise<ClusterConfiguration> {
  const { certificatesDir, configPath } = source;
  const fromCluster =
    configPath === undefined ? await askCluster(host, source.kubeconfig, { emit, topic }) : undefined;
  if (fromCluster !== undefined) {
    return certificatesDir === '' ? fromCluster : { ...fromCluster, certificatesDir };
  }
  // With a version no release server is asked for one.
  const overlay = { cluster: { kubernetesVersion: `v${currentKubernetesVersion}`, certificatesDir } };
  const given = configPath === undefined ? { overlay } : { configPath };
  const options = { criDetection: false, onWarning: warnTo(emit) };
  return (await loadInitFamily(host, given, options)).config.cluster;
}

async function askCluster(
  host: Host,
  path: string,
  { emit, topic }: { readonly emit: Emit; readonly topic: string },
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
    return await fetchClusterConfiguration(client, host, { emit, topic });
  } catch (error) {
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
