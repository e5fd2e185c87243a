/** The parts of `upgrade apply` and `upgrade node` that do not differ. */
import { staticPodsOf } from '../../cluster/wait-for-control-plane.ts';
import type { DiagnosisPlan, DiagnosisSource } from '../diagnosed-run.ts';
import { createRunScope, type RunScope } from '../run-scope.ts';
import { type Built, dryRunResult } from '../run-workflow.ts';
import { connect } from './connect.ts';
import type { UpgradeInput } from './input.ts';

/** The result of a finished upgrade of a node. */
export interface UpgradeResult {
  /** Full names of the phases that ran, in list order. */
  readonly phases: readonly string[];
  /** The version that the node has, such as `v1.36.2`. */
  readonly kubernetesVersion: string;
  readonly nodeName: string;
  /** The directory that has the files of a dry run. It is undefined after a real run. */
  readonly dryRun: { readonly directory: string } | undefined;
}

interface UpgradeDiagnosis extends DiagnosisPlan {
  readonly source: (built: Built<UpgradeInput>) => Promise<DiagnosisSource>;
}

/**
 * Explains failures of the phases from `control-plane/swap` on. It does not end that phase early, because the phase watches
 * its components itself and puts them back.
 */
const diagnosis: UpgradeDiagnosis = {
  after: 'control-plane/show',
  wording: 'upgrade',
  endsEarly: false,
  source: async ({ input }) => ({
    criSocket: input.init.nodeRegistration.criSocket,
    components: input.isControlPlane ? staticPodsOf(input.cluster) : [],
    certificatesDir: input.cluster.certificatesDir,
    since: input.startTime,
  }),
};

interface SharedWorkflow {
  readonly command: 'upgrade';
  readonly openScope: (built: Built<UpgradeInput>) => RunScope;
  readonly diagnosis: UpgradeDiagnosis;
}

/** The fields of both workflows. */
export const upgradeWorkflow: SharedWorkflow = {
  command: 'upgrade',
  openScope: ({ host, input }) => createRunScope(() => connect(host, input)),
  diagnosis,
};

export function resultOf({ dryRun, input }: Built<UpgradeInput>, phases: readonly string[]): UpgradeResult {
  return {
    phases,
    kubernetesVersion: input.cluster.kubernetesVersion,
    nodeName: input.init.nodeRegistration.name,
    dryRun: dryRunResult(dryRun),
  };
}
