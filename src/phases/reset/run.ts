import type { ResetProof } from '../../events/reset.ts';
import type { RecordedEvent } from '../../events.ts';
import type { Host } from '../../host.ts';
import type { RunContext } from '../execute.ts';
import { runWorkflow } from '../run-workflow.ts';
import { buildReset } from './build-input.ts';
import { resetAllPhases, resetPhases } from './index.ts';
import type { ResetInput } from './input.ts';
import type { ResetRequest } from './request.ts';

export interface ResetResult {
  /** Full names of the phases that ran, in list order. */
  readonly phases: readonly string[];
  /** With `all`, except in a dry run: everything that was looked for at the end. It is always clean. */
  readonly proof?: ResetProof;
}

/**
 * `kubeadm reset`: reverts the changes of `init` or `join` on the host.
 *
 * @throws KubeadmError `leftovers` if `all` is set and something of the cluster is left, `refused` if the user answers no,
 *   `phase-unknown`; the errors of `buildReset` and `runWorkflow`
 */
export async function runReset(
  host: Host,
  request: ResetRequest = {},
  context: RunContext = {},
): Promise<ResetResult> {
  let proof: ResetProof | undefined;
  const record = (recorded: RecordedEvent): void => {
    if (recorded.event.type === 'reset-proof') proof = recorded.event.proof;
    context.record?.(recorded);
  };
  const isWhole = request.only === undefined;
  return await runWorkflow<ResetInput, undefined, ResetResult>(
    host,
    { ...context, record },
    {
      command: 'reset',
      phases: request.all === true && isWhole ? resetAllPhases : resetPhases,
      request,
      build: async (real, build) => await buildReset(real, request, build),
      openScope: () => undefined,
      result: async (_built, phases) => (proof === undefined ? { phases } : { phases, proof }),
    },
  );
}
