import type { Host } from '../../host.ts';
import type { RunContext } from '../execute.ts';
import { runWorkflow } from '../run-workflow.ts';
import { buildReset } from './build-input.ts';
import { resetPhases } from './index.ts';
import type { ResetInput } from './input.ts';
import type { ResetRequest } from './request.ts';

export interface ResetResult {
  /** Full names of the phases that ran, in list order. */
  readonly phases: readonly string[];
}

/**
 * `kubeadm reset`: reverts the changes of `init` or `join` on the host.
 *
 * @throws the errors of `buildReset` and `runWorkflow`; KubeadmError `phase-unknown`, `refused` if the user answers no
 */
export async function runReset(
  host: Host,
  request: ResetRequest = {},
  context: RunContext = {},
): Promise<ResetResult> {
  return await runWorkflow<ResetInput, undefined, ResetResult>(host, context, {
    command: 'reset',
    phases: resetPhases,
    request,
    build: async (real, build) => await buildReset(real, request, build),
    openScope: () => undefined,
    result: async (_built, phases) => ({ phases }),
  });
}
