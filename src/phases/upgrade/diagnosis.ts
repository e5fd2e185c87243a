import { staticPodsOf } from '../../cluster/wait-for-control-plane.ts';
import type { DiagnosisPlan, DiagnosisSource } from '../diagnosed-run.ts';
import type { Built } from '../run-workflow.ts';
import type { UpgradeInput } from './input.ts';

export interface UpgradeDiagnosis extends DiagnosisPlan {
  readonly source: (built: Built<UpgradeInput>) => Promise<DiagnosisSource>;
}

/**
 * Explains failures of the phases from `control-plane/swap` on. It does not end that phase early, because the phase watches
 * its components itself and puts them back.
 */
export const diagnosis: UpgradeDiagnosis = {
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
