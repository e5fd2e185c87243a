import type { Host } from '../../../host.ts';
import type { RunContext } from '../../execute.ts';
import type { RunScope } from '../../run-scope.ts';
import { runWorkflow } from '../../run-workflow.ts';
import { buildUpgrade, loadUpgradeConfiguration } from '../build-input.ts';
import type { UpgradeInput } from '../input.ts';
import type { UpgradeNodeRequest } from '../request.ts';
import { resultOf, type UpgradeResult, upgradeWorkflow } from '../workflow.ts';
import { nodePhases } from './index.ts';

/** The result of a finished `upgrade node`. */
export interface UpgradeNodeResult extends UpgradeResult {
  readonly controlPlane: boolean;
}

/**
 * `kubeadm upgrade node`: changes another node to the version that `upgrade apply` has given the cluster.
 *
 * @throws the errors of `buildUpgrade`; KubeadmError `phase-unknown`; those of `runWorkflow` if a phase fails or
 *   `context.signal` is aborted
 */
export async function runUpgradeNode(
  host: Host,
  request: UpgradeNodeRequest = {},
  context: RunContext = {},
): Promise<UpgradeNodeResult> {
  return await runWorkflow<UpgradeInput, RunScope, UpgradeNodeResult>(host, context, {
    ...upgradeWorkflow,
    phases: nodePhases,
    request,
    build: async (real, build) => {
      const { node, timeouts } = await loadUpgradeConfiguration(real, request, build);
      const source = { subcommand: 'node', request, part: node, timeouts, version: undefined } as const;
      return await buildUpgrade(real, source, build);
    },
    result: async (built, phases) => ({
      ...resultOf(built, phases),
      controlPlane: built.input.isControlPlane,
    }),
  });
}
