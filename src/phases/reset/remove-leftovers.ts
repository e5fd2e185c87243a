import { removeLeftovers as removeAll } from '../../leftovers/inventory.ts';
import type { ResetPhase } from './input.ts';
import { searchContext } from './search-context.ts';

/**
 * Only `reset --all` has this phase: it removes what network plugins, kube-proxy, the kubelet and users made for the
 * cluster. Upstream leaves all of it to the user.
 */
export const removeLeftovers: ResetPhase = {
  name: 'remove-leftovers',
  short:
    'Remove rules, links and files that network plugins, kube-proxy, the kubelet and users made for the cluster',
  hidden: true,
  shownAs: 'cleanup-node',
  run: async (input, host, { emit, signal }) => {
    const context = await searchContext(input, host, { afterCleanup: true, signal });
    await removeAll(host, context, { emit, topic: 'reset' });
  },
};
