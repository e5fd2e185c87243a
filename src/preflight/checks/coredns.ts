/** Whether the Corefile of the cluster suits the new CoreDNS. Source: phases/upgrade/preflight.go. */
import { migrateCorefile } from '../../addons/corefile/migrate.ts';
import { describeNotice, unknownNames } from '../../addons/corefile/notices.ts';
import { type DeployedCoredns, readDeployedCoredns } from '../../addons/deployed-coredns.ts';
import type { KubeClient } from '../../clients/kube/kube-client.ts';
import { messageOf } from '../../errors.ts';
import { type Check, type CheckResult, fail, passed } from '../check.ts';

export interface CorednsUpdate {
  readonly client: KubeClient;
  /** The version that the upgrade installs, such as `v1.14.2`. */
  readonly target: string;
  readonly signal: AbortSignal;
}

/** Both checks pass in a cluster without CoreDNS. */
export function corednsChecks(update: CorednsUpdate): readonly Check[] {
  return [
    { name: 'CoreDNSUnsupportedPlugins', check: async () => await eachDeployed(update, unsupportedPlugins) },
    { name: 'CoreDNSMigration', check: async () => await eachDeployed(update, migration) },
  ];
}

async function eachDeployed(
  { client, signal, target }: CorednsUpdate,
  judge: (deployed: DeployedCoredns, target: string) => CheckResult,
): Promise<CheckResult> {
  const deployed = await readDeployedCoredns(client, signal);
  const to = target.replace(/^v/, '');
  return deployed === undefined || deployed.version === to ? passed : judge(deployed, to);
}

function unsupportedPlugins({ corefile, version }: DeployedCoredns, target: string): CheckResult {
  const unknown = unknownNames(version, target, corefile);
  if (unknown.length === 0) return passed;
  const names = [...new Set(unknown.map(describeNotice))].map((text) => `    ${text}`);
  return fail(
    'the Corefile has parts that kubeadm cannot migrate. Check each of them for the new CoreDNS, and ignore this check ' +
      `afterwards: the upgrade leaves them as they are.\n${names.join('\n')}`,
  );
}

function migration({ corefile, version }: DeployedCoredns, target: string): CheckResult {
  try {
    migrateCorefile(version, target, corefile);
    return passed;
  } catch (error) {
    return fail(`CoreDNS will not be upgraded: ${messageOf(error)}`);
  }
}
