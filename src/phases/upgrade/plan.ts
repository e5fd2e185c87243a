/** `kubeadm upgrade plan`: which versions a cluster can change to. Source: cmd/upgrade/{plan,common}.go. */

import type { KubeClient } from '../../clients/kube/kube-client.ts';
import { closedOnAbort } from '../../cluster/client.ts';
import { fetchNodeConfiguration, type NodeConfiguration } from '../../cluster/node-configuration.ts';
import { componentApis } from '../../config/component/index.ts';
import { warnTo } from '../../config/findings/warnings.ts';
import { resolveRelease } from '../../config/kubernetes-version.ts';
import type { Emit } from '../../events.ts';
import type { Host } from '../../host.ts';
import { controlPlaneImages } from '../../images.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { joinPath } from '../../lib/join-path.ts';
import { adminConf, kubernetesDir, manifestPath } from '../../names.ts';
import { ignoredChecks } from '../../preflight/ignored-checks.ts';
import { rootChecks, upgradeClusterChecks } from '../../preflight/profiles.ts';
import { runChecks } from '../../preflight/run.ts';
import { ownRelease } from '../../releases/index.ts';
import { commandOf } from '../../run-record/record.ts';
import { recordOnDisk } from '../../run-record/unfinished.ts';
import { type AvailableUpgrade, availableUpgrades } from '../../upgrade/available.ts';
import type { ClusterVersions } from '../../upgrade/cluster-versions.ts';
import { type ComponentConfigVersion, type UpgradePlan, upgradePlan } from '../../upgrade/plan.ts';
import { readClusterVersions } from '../../upgrade/read-versions.ts';
import { kubeadmVersion } from '../../versions.ts';
import { beginReport, type RunContext } from '../execute.ts';
import { loadUpgradeConfiguration } from './build-input.ts';
import { printConfiguration } from './print-configuration.ts';
import type { UpgradeRequest } from './request.ts';

/** The request for a plan. Every field defaults to the configured value. */
export interface UpgradePlanRequest
  extends Pick<
    UpgradeRequest,
    'configPath' | 'configText' | 'fields' | 'etcdUpgrade' | 'ignorePreflightErrors' | 'kubeconfig'
  > {
  /** Plan for this version, without a question to the release server. */
  readonly version?: string;
  readonly allowExperimental?: boolean;
  readonly allowReleaseCandidate?: boolean;
  /** Report the configuration of the cluster. */
  readonly printConfig?: boolean;
}

interface Planning {
  readonly host: Host;
  readonly client: KubeClient;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Checks the cluster, and lists the versions that it can change to. The host is not changed. The cluster runs a Job.
 *
 * @returns undefined if the cluster has the newest version
 * @throws KubeadmError `preflight-failed`, `refused`, `config-invalid`; KubeApiError; NetError; `interrupted`
 */
export async function planUpgrade(
  host: Host,
  request: UpgradePlanRequest = {},
  context: RunContext = {},
): Promise<UpgradePlan | undefined> {
  const { emit, signal } = beginReport(host, context);
  const { plan, timeouts } = await loadUpgradeConfiguration(host, request, { emit });
  const kubeconfig = request.kubeconfig ?? joinPath(kubernetesDir, adminConf);
  const client = host.kube(await loadKubeconfig(host, kubeconfig));
  const ignore = ignoredChecks([
    ...(request.ignorePreflightErrors ?? []),
    ...(plan.ignorePreflightErrors ?? []),
  ]);
  const planning = { host, client, emit, signal };
  try {
    return await closedOnAbort(client, signal, async () => {
      await warnOfUnfinished(planning);
      emit({ type: 'preflight-running' });
      await runChecks(rootChecks, host, { ignore, emit, signal });
      const controlPlane = (await host.files.stat(manifestPath('kube-apiserver'))) !== undefined;
      const options = { controlPlane, timeouts, topic: 'upgrade/config' };
      const configuration = await fetchNodeConfiguration(host, client, options, { emit, signal });
      if (request.printConfig ?? plan.printConfig ?? false) printConfiguration(configuration, emit);
      emit({ type: 'progress', topic: 'upgrade', message: 'Running cluster health checks' });
      const checks = upgradeClusterChecks({
        client,
        pauseImage: controlPlaneImages(configuration).pause,
        coredns: ownRelease.images.coredns,
        hasManifests: true,
        signal,
      });
      await runChecks(checks, host, { ignore, emit, signal });
      const versions = await readClusterVersions(client, signal);
      const upgrades = await findUpgrades(planning, versions, {
        version: request.version ?? (plan.kubernetesVersion || undefined),
        allowExperimental: request.allowExperimental ?? plan.allowExperimentalUpgrades ?? false,
        allowReleaseCandidate: request.allowReleaseCandidate ?? plan.allowRCUpgrades ?? false,
      });
      if (upgrades.length === 0) {
        const message = 'The cluster has the newest version that it can be upgraded to';
        emit({ type: 'progress', topic: 'upgrade/plan', message });
        return undefined;
      }
      const etcdUpgrade = request.etcdUpgrade ?? plan.etcdUpgrade ?? false;
      const configVersions = configVersionsOf(configuration);
      return upgradePlan({ versions, upgrades, configVersions, kubeadm: kubeadmVersion, etcdUpgrade });
    });
  } finally {
    client.close();
  }
}

async function warnOfUnfinished({ emit, host }: Planning): Promise<void> {
  const record = await recordOnDisk(host, () => undefined);
  if (record?.command !== 'upgrade') return;
  const components = Object.keys(record.swapping);
  const where = components.length === 0 ? '' : ` while it replaced ${components.join(' and ')}`;
  const message =
    `The 'kubeadm ${commandOf(record)}' to ${record.version} of ${record.startedAt} did not end${where}. Run it again to ` +
    `complete it. The earlier manifests are in ${record.backups.manifests}`;
  emit({ type: 'warning', code: 'unfinished-upgrade', topic: 'upgrade/plan', message });
}

interface Wanted {
  readonly version: string | undefined;
  readonly allowExperimental: boolean;
  readonly allowReleaseCandidate: boolean;
}

async function findUpgrades(
  { emit, host }: Planning,
  versions: ClusterVersions,
  { version, ...allowed }: Wanted,
): Promise<readonly AvailableUpgrade[]> {
  const lookUp = async (label: string): Promise<string> =>
    version ?? (await resolveRelease(host.net, label, warnTo(emit)));
  return await availableUpgrades({ versions, kubeadm: kubeadmVersion, ...allowed, lookUp }, emit);
}

/** kubeadm supports one version of each group, so a configuration in the cluster has that version. */
function configVersionsOf({ hasKubeProxy }: NodeConfiguration): readonly ComponentConfigVersion[] {
  const stateOf = (api: string, isStored: boolean): ComponentConfigVersion => {
    const [group = '', version = ''] = api.split('/');
    return {
      group,
      currentVersion: isStored ? version : '',
      preferredVersion: version,
      manualUpgradeRequired: false,
    };
  };
  return [
    stateOf(componentApis.KubeProxyConfiguration, hasKubeProxy),
    stateOf(componentApis.KubeletConfiguration, true),
  ];
}
