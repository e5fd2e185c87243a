import { staticPodsOf, waitFailed } from '../../cluster/wait-for-control-plane.ts';
import type { Host } from '../../host.ts';
import { dropRecordAfter } from '../../run-record/by-hand.ts';
import { withFingerprints } from '../../run-record/with-fingerprints.ts';
import type { RunContext } from '../execute.ts';
import { withPlannedKeys } from '../planned-keys.ts';
import { dryRunResult, runWorkflow } from '../run-workflow.ts';
import { buildJoin } from './build-input.ts';
import { joinPhases } from './index.ts';
import type { JoinInput } from './input.ts';
import { keyPlan } from './key-plan.ts';
import { reportLeft } from './report-left.ts';
import type { JoinRequest } from './request.ts';
import { type ClusterFacts, createClusterFacts, createJoinScope, type JoinScope } from './scope.ts';

/** The result of a finished `join`. */
export interface JoinResult {
  /** Full names of the phases that ran, in list order. */
  readonly phases: readonly string[];
  readonly nodeName: string;
  readonly controlPlane: boolean;
  /** The directory that has the files of a dry run. It is undefined after a real run. */
  readonly dryRun: { readonly directory: string } | undefined;
}

/**
 * `kubeadm join`: makes the host a node of an existing cluster. Invalid requests are refused before the first write.
 *
 * @throws the errors of `buildJoin`; KubeadmError `phase-unknown`; those of `runWorkflow` if a phase fails
 *   (`preflight-failed`: `details.findings` are all of them) or `context.signal` is aborted
 */
export async function runJoin(
  host: Host,
  request: JoinRequest = {},
  context: RunContext = {},
): Promise<JoinResult> {
  let facts: ClusterFacts | undefined;
  const openScope = (input: JoinInput, own: Host): JoinScope => {
    facts ??= createClusterFacts(input);
    return createJoinScope(own, input, facts);
  };
  return await runWorkflow<JoinInput, JoinScope, JoinResult>(host, context, {
    command: 'join',
    phases: joinPhases,
    request,
    build: async (real, build) => await buildJoin(real, request, build),
    openScope: ({ input, host: own }) => openScope(input, own),
    prepare: async ({ host: own, input }, { emit, selected }, use) => {
      const noting = withFingerprints(own, emit);
      const plan = await keyPlan(input, noting, selected);
      return await withPlannedKeys({ host: noting, plan, emit }, use);
    },
    diagnosis: {
      after: 'kubelet-start/start',
      wording: 'join',
      whatFailed: (phase) => failed[phase] ?? '',
      source: async ({ input }, { emit, scope, signal }) => {
        const { controlPlane, nodeRegistration } = input.join;
        const { cluster } = await scope.cluster({ emit, signal });
        return {
          criSocket: nodeRegistration.criSocket,
          components: controlPlane === undefined ? [] : staticPodsOf(cluster),
          certificatesDir: cluster.certificatesDir,
          since: input.startTime,
        };
      },
    },
    afterFailure: async ({ host: own, input }, { fullName }, { emit, scope, signal }) =>
      await reportLeft(own, input, { failedPhase: fullName, emit, scope, signal }),
    afterSingle: async (real, phases, emit) => await dropRecordAfter(real, { command: 'join', phases }, emit),
    result: async ({ dryRun, input }, phases) => ({
      phases,
      nodeName: input.join.nodeRegistration.name,
      controlPlane: input.join.controlPlane !== undefined,
      dryRun: dryRunResult(dryRun),
    }),
  });
}

/** The words before a cause in the error of a phase. */
const failed: Readonly<Record<string, string>> = {
  'kubelet-wait-bootstrap': 'failed while waiting for TLS bootstrap',
  'wait-control-plane': waitFailed,
};
