import { KubeadmError } from '../../errors.ts';
import type { ResetProof } from '../../events/reset.ts';
import { proveAbsence as prove } from '../../leftovers/inventory.ts';
import { kindTexts } from '../../leftovers/kind-texts.ts';
import type { ResetPhase } from './input.ts';
import { searchContext } from './search-context.ts';

/**
 * Only `reset --all` has this phase: it looks for everything that the cluster made on this machine, and fails if
 * something is left. The record of the run is then kept, so that another try knows the cluster.
 */
export const proveAbsence: ResetPhase = {
  name: 'prove-absence',
  short: 'Look for everything that the cluster made on this machine, and fail if something is left',
  hidden: true,
  shownAs: 'cleanup-node',
  inDryRun: 'skip',
  run: async (input, host, { emit, signal }) => {
    const proof = await prove(host, await searchContext(input, host, { afterCleanup: true, signal }));
    emit({ type: 'reset-proof', proof });
    if (!proof.clean) throw leftError(proof);
  },
};

function leftError({ searches }: ResetProof): KubeadmError {
  const left = searches.filter(({ outcome }) => outcome === 'left' || outcome === 'failed');
  const names = left.map(({ kind, left: things, reason }) =>
    things.length > 0
      ? `${kindTexts[kind]}: ${things.map(({ name }) => name).join(', ')}`
      : `${kindTexts[kind]} could not be looked for: ${reason ?? ''}`,
  );
  return new KubeadmError('leftovers', `this machine still has parts of the cluster: ${names.join('; ')}`, {
    hint: 'The warnings above name the reasons. Remove these parts by hand, or run reset again.',
    details: { left: left.map(({ kind, left: things, reason }) => ({ kind, things, reason })) },
  });
}
