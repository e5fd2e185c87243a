/** The parts of `upgrade apply` and `upgrade node` that do not differ. */
import { createRunScope, type RunScope } from '../run-scope.ts';
import type { Built } from '../run-workflow.ts';
import { connect } from './connect.ts';
import { diagnosis, type UpgradeDiagnosis } from './diagnosis.ts';
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

interface Frame {
  readonly command: 'upgrade';
  readonly openScope: (built: Built<UpgradeInput>) => RunScope;
  readonly diagnosis: UpgradeDiagnosis;
}

/** The fields of both workflows. */
export const frame: Frame = {
  command: 'upgrade',
  openScope: ({ host, input }: Built<UpgradeInput>): RunScope => createRunScope(() => connect(host, input)),
  diagnosis,
};

export function resultOf({ dryRun, input }: Built<UpgradeInput>, phases: readonly string[]): UpgradeResult {
  return {
    phases,
    kubernetesVersion: input.cluster.kubernetesVersion,
    nodeName: input.init.nodeRegistration.name,
    dryRun: dryRun?.directory === undefined ? undefined : { directory: dryRun.directory },
  };
}
