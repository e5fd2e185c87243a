import { defined } from '../../../lib/defined.ts';
import { applyPhases } from '../../../phases/upgrade/apply/index.ts';
import { runUpgradeApply, type UpgradeApplyResult } from '../../../phases/upgrade/apply/run.ts';
import type { UpgradeApplyRequest } from '../../../phases/upgrade/request.ts';
import { command, type Invocation } from '../../command.ts';
import type { GivenFlags } from '../../flag-values.ts';
import { flag, reportFlags } from '../../flags.ts';
import { refuseMixedFlags } from '../../mixed-flags.ts';
import { phaseCommand, phaseTable } from '../../phase-commands.ts';
import { upgradeRequest, versionArgument } from './request.ts';

/** As upstream, further arguments beside a version in the configuration have no effect. */
const versions = { usage: '[version]', maximum: Number.POSITIVE_INFINITY } as const;

export const apply = command({
  name: 'apply',
  argumentsHelp: versions.usage,
  short: 'Upgrade your Kubernetes cluster to the specified version',
  long: `Upgrade the cluster to a version, beginning with the control plane of this machine.

A component that does not come up with its new version gets its earlier one back. If the upgrade is cut
off, the same command completes it.\n\n${phaseTable('apply [version]', applyPhases)}`,
  maximumArguments: versions.maximum,
  flags: [
    'allow-experimental-upgrades',
    'allow-release-candidate-upgrades',
    'certificate-renewal',
    'config',
    'dry-run',
    'etcd-upgrade',
    flag('force', {
      usage: 'Upgrade although some rules are not met, and without a question.',
    }),
    'ignore-preflight-errors',
    'kubeconfig',
    'patches',
    'print-config',
    'skip-phases',
    'yes',
  ],
  persistentFlags: reportFlags,
  reports: true,
  commands: [phaseCommand({ command: 'apply', phases: applyPhases, arguments: versions, run: runSingle })],
  run: async (invocation) => {
    refuseMixedFlags(invocation.flags);
    const result = await execute(invocation);
    invocation.emit({ type: 'output', text: endOf(result) });
  },
});

async function runSingle(invocation: Invocation, only: readonly string[]): Promise<void> {
  await execute(invocation, only);
}

async function execute(invocation: Invocation, only?: readonly string[]): Promise<UpgradeApplyResult> {
  return await runUpgradeApply(invocation.host, requestOf(invocation, only), invocation);
}

function requestOf(invocation: Invocation, only: readonly string[] | undefined): UpgradeApplyRequest {
  const given: GivenFlags = invocation.flags.given;
  return defined({
    ...upgradeRequest(invocation, only),
    version: versionArgument(invocation.arguments),
    yes: given.yes,
    force: given.force,
    allowExperimental: given['allow-experimental-upgrades'],
    allowReleaseCandidate: given['allow-release-candidate-upgrades'],
    printConfig: given['print-config'],
  });
}

function endOf({ dryRun, kubernetesVersion }: UpgradeApplyResult): string {
  if (dryRun !== undefined) return '[upgrade/successful] Finished dryrunning successfully!\n';
  return `
[upgrade] SUCCESS! A control plane node of your cluster was upgraded to "${kubernetesVersion}".

[upgrade] Upgrade the other control planes next with 'kubeadm upgrade node', then the workers, and the kubelet
[upgrade] of each node after it.
`;
}
