import type { Host } from '../../../host.ts';
import type { RunContext } from '../../execute.ts';
import { createRunScope, type RunScope } from '../../run-scope.ts';
import { runWorkflow } from '../../run-workflow.ts';
import { buildUpgrade, loadUpgradeConfiguration } from '../build-input.ts';
import { connect } from '../connect.ts';
import { diagnosis } from '../diagnosis.ts';
import type { UpgradeInput } from '../input.ts';
import type { UpgradeNodeRequest } from '../request.ts';
import { nodePhases } from './index.ts';

/** The result of a finished `upgrade node`. */
export interface UpgradeNodeResult {
  /** Full names of the phases that ran, in list order. */
  readonly phases: readonly string[];
  /** The version of the cluster, such as `v1.36.2`. */
  readonly kubernetesVersion: string;
  readonly nodeName: string;
  readonly controlPlane: boolean;
  /** The directory that has the files of a dry run. It is undefined after a real run. */
  readonly dryRun: { readonly directory: string } | undefined;
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
    command: 'upgrade',
    phases: nodePhases,
    request,
    build: async (real, build) => {
      const { node, timeouts } = await loadUpgradeConfiguration(real, request, build);
      const source = { subcommand: 'node', request, part: node, timeouts, version: undefined } as const;
      return await buildUpgrade(real, source, build);
    },
    openScope: ({ input, host: own }) => createRunScope(() => connect(own, input)),
    diagnosis,
    result: async ({ dryRun, input }, phases) => ({
      phases,
      kubernetesVersion: input.cluster.kubernetesVersion,
      nodeName: input.init.nodeRegistration.name,
      controlPlane: input.isControlPlane,
      dryRun: dryRun?.directory === undefined ? undefined : { directory: dryRun.directory },
    }),
  });
}
