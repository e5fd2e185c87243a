import { KubeadmError } from '../../../errors.ts';
import type { Host } from '../../../host.ts';
import type { RunContext } from '../../execute.ts';
import type { RunScope } from '../../run-scope.ts';
import { type Built, type ChangingBuildContext, runWorkflow } from '../../run-workflow.ts';
import { buildUpgrade, loadUpgradeConfiguration } from '../build-input.ts';
import type { ApplyInput } from '../input.ts';
import { printConfiguration } from '../print-configuration.ts';
import type { UpgradeApplyRequest } from '../request.ts';
import { resultOf, type UpgradeResult, upgradeWorkflow } from '../workflow.ts';
import { applyPhases } from './index.ts';

/** The result of a finished `upgrade apply`. */
export type UpgradeApplyResult = UpgradeResult;

/**
 * `kubeadm upgrade apply`: changes a cluster to another version, beginning with this control plane.
 *
 * @throws the errors of `buildUpgrade`; KubeadmError `usage` without a version, `refused` if the version is not allowed or
 *   the user answers no, `phase-unknown`; those of `runWorkflow` if a phase fails or `context.signal` is aborted
 */
export async function runUpgradeApply(
  host: Host,
  request: UpgradeApplyRequest = {},
  context: RunContext = {},
): Promise<UpgradeApplyResult> {
  return await runWorkflow<ApplyInput, RunScope, UpgradeApplyResult>(host, context, {
    ...upgradeWorkflow,
    phases: applyPhases,
    request,
    build: async (real, build) => await buildApply(real, request, build),
    result: async (built, phases) => resultOf(built, phases),
  });
}

async function buildApply(
  host: Host,
  request: UpgradeApplyRequest,
  context: ChangingBuildContext,
): Promise<Built<ApplyInput>> {
  const { apply, timeouts } = await loadUpgradeConfiguration(host, request, context);
  const version = request.version ?? apply.kubernetesVersion;
  if (version === undefined || version === '') throw withoutVersion();
  const source = { subcommand: 'apply', request, part: apply, timeouts, version } as const;
  const { input, ...built } = await buildUpgrade(host, source, context);
  if (request.printConfig ?? apply.printConfig ?? false) printConfiguration(input, context.emit);
  const force = request.force ?? apply.forceUpgrade ?? false;
  return {
    ...built,
    input: {
      ...input,
      apply: {
        ask: !(request.yes === true || force || built.dryRun !== undefined),
        force,
        allowExperimental: request.allowExperimental ?? apply.allowExperimentalUpgrades ?? false,
        allowReleaseCandidate: request.allowReleaseCandidate ?? apply.allowRCUpgrades ?? false,
      },
    },
  };
}

function withoutVersion(): KubeadmError {
  return new KubeadmError('usage', 'missing one or more required arguments. Required arguments: [version]', {
    hint: "Name the new version, such as v1.36.2. 'kubeadm upgrade plan' shows which ones are possible.",
  });
}
