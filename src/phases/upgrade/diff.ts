/** `kubeadm upgrade diff`: how the manifests of this node would change. Source: cmd/upgrade/diff.go. */
import { closedOnAbort } from '../../cluster/client.ts';
import { fetchNodeConfiguration } from '../../cluster/node-configuration.ts';
import { FileError, KubeadmError } from '../../errors.ts';
import type { Host } from '../../host.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { joinPath } from '../../lib/join-path.ts';
import { parseSemanticVersion } from '../../lib/semantic-version.ts';
import { controlPlanePods } from '../../manifests/control-plane.ts';
import { formatPod, readHostFacts } from '../../manifests/static-pod.ts';
import { adminConf, controlPlaneComponents, kubernetesDir, manifestPath } from '../../names.ts';
import { isExternal } from '../../pki/external-ca.ts';
import { releaseOf } from '../../releases/index.ts';
import { unifiedDiff } from '../../upgrade/unified-diff.ts';
import { kubeadmVersion } from '../../versions.ts';
import { beginReport, type RunContext } from '../execute.ts';
import { loadUpgradeConfiguration } from './build-input.ts';
import type { UpgradeRequest } from './request.ts';

export interface UpgradeDiffRequest
  extends Pick<UpgradeRequest, 'configPath' | 'configText' | 'fields' | 'kubeconfig'> {
  /** The new version, such as `v1.36.2`; defaults to that of the configuration, and then to that of the cluster. */
  readonly version?: string;
  /** How many lines of context the diff has; defaults to the configured number, which is 0 by default. */
  readonly contextLines?: number;
}

/**
 * Returns the unified diff of the manifests. Patches do not count, as upstream. Nothing changes.
 *
 * @throws FileError if a manifest is missing; KubeadmError `usage` for a text that is not a version; the errors of
 *   `fetchNodeConfiguration`
 */
export async function diffUpgrade(
  host: Host,
  request: UpgradeDiffRequest = {},
  context: RunContext = {},
): Promise<string> {
  const { emit, signal } = beginReport(host, context);
  await refuseMissing(host);
  const { diff, timeouts } = await loadUpgradeConfiguration(host, request, { emit });
  const client = host.kube(
    await loadKubeconfig(host, request.kubeconfig ?? joinPath(kubernetesDir, adminConf)),
  );
  try {
    const options = { controlPlane: true, timeouts, topic: 'upgrade/diff' };
    const { cluster, init } = await closedOnAbort(client, signal, () =>
      fetchNodeConfiguration(host, client, options, { emit, signal }),
    );
    const kubernetesVersion = (request.version ?? diff.kubernetesVersion) || cluster.kubernetesVersion;
    if (parseSemanticVersion(kubernetesVersion) === undefined) throw notAVersion(kubernetesVersion);
    const input = {
      cluster: { ...cluster, kubernetesVersion },
      release: releaseOf(kubernetesVersion),
      endpoint: init.localAPIEndpoint,
      nodeName: init.nodeRegistration.name,
      healthCheckTimeout: timeouts.controlPlaneComponentHealthCheck,
      externalCA: await isExternal(host, 'ca', cluster.certificatesDir),
      facts: await readHostFacts(host),
    };
    const contextLines = request.contextLines ?? Number(diff.contextLines ?? 0);
    const pods = controlPlaneComponents.map((component) => controlPlanePods[component](input));
    const texts = pods.map(async (pod) => {
      const path = manifestPath(pod.metadata.name);
      const before = { label: path, text: await host.files.readText(path) };
      return unifiedDiff({ before, after: { label: 'new manifest', text: formatPod(pod) } }, contextLines);
    });
    return (await Promise.all(texts)).join('');
  } finally {
    client.close();
  }
}

async function refuseMissing({ files }: Pick<Host, 'files'>): Promise<void> {
  for (const path of controlPlaneComponents.map(manifestPath)) {
    const stat = await files.stat(path);
    if (stat === undefined) {
      throw new FileError('read', path, 'ENOENT', {
        place: { file: path },
        hint: 'Run the command on a control plane node.',
      });
    }
    if (stat.kind === 'directory') throw new FileError('read', path, 'EISDIR', { place: { file: path } });
  }
}

function notAVersion(text: string): KubeadmError {
  return new KubeadmError('usage', `"${text}" is not a version of Kubernetes`, {
    hint: `Write a release such as ${kubeadmVersion}.`,
  });
}
