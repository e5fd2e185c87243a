import type { KubeClient } from '../../clients/kube/kube-client.ts';
import { readClusterConfiguration } from '../../cluster/read.ts';
import { readAdvertiseAddress, readNodeName } from '../../cluster/this-node.ts';
import { KubeadmError, messageOf } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import type { Host } from '../../host/host.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { manifestsDir } from '../../names.ts';
import { unfinishedReset } from '../../run-record/resume.ts';
import type { ResetCluster, ResetInput } from './input.ts';

/**
 * Completes the input of reset by what the cluster says. Without a kubeconfig that names a cluster, or when
 * that does not answer, reset goes on without it. Source: cmd/reset.go newResetData.
 *
 * @param kubeconfig path; /etc/kubernetes/admin.conf by default
 */
export async function buildResetInput(
  given: Omit<ResetInput, 'cluster' | 'unfinished'>,
  kubeconfig: string,
  { host, emit }: { readonly host: Host; readonly emit: Emit },
): Promise<ResetInput> {
  const cluster = await askCluster(kubeconfig, host, emit);
  return { ...given, cluster, unfinished: await unfinishedReset(host) };
}

async function askCluster(path: string, host: Host, emit: Emit): Promise<ResetCluster | undefined> {
  let kubeconfig: ResetCluster['kubeconfig'];
  let client: KubeClient;
  try {
    kubeconfig = await loadKubeconfig(host, path);
    client = host.kube(kubeconfig);
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    const message = `no client from ${path}: ${messageOf(error)}`;
    emit({ type: 'detail', verbosity: 1, topic: 'reset', message });
    return undefined;
  }
  emit({ type: 'cluster-configuration-reading', topic: 'reset' });
  try {
    const configuration = await readClusterConfiguration(client, host, emit);
    const node = await readNodeName(host);
    await client.get({ apiVersion: 'v1', kind: 'Node', name: node });
    const isControlPlane = (await host.files.stat(`${manifestsDir}/kube-apiserver.yaml`)) !== undefined;
    const advertiseAddress = isControlPlane ? await readAdvertiseAddress(client, node) : '';
    return { kubeconfig, configuration, advertiseAddress };
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    emit({
      type: 'warning',
      code: 'cluster-configuration-not-read',
      topic: 'reset',
      message: `Unable to fetch the kubeadm-config ConfigMap from cluster: ${messageOf(error)}`,
    });
    return undefined;
  } finally {
    client.close();
  }
}
