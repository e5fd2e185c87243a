/** Finds, removes and looks again for everything that a cluster leaves on a machine. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { Leftover, ResetProof, ResetSearch } from '../events/reset.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { cgroups } from './cgroups.ts';
import { clusterFiles, etcdData, kubelet, mounts, pods } from './cluster-parts.ts';
import { cniConfiguration, cniState } from './cni-files.ts';
import { emptyFolders, podLogs, temporaryFiles } from './folders.ts';
import { iptables } from './iptables.ts';
import { ipsets, ipvs } from './ipvs.ts';
import { kindTexts } from './kind-texts.ts';
import { links } from './links.ts';
import { networkNamespaces } from './network-namespaces.ts';
import { nftables } from './nftables.ts';
import type { Search, SearchContext, SearchHost } from './search.ts';
import { userKubeconfigs } from './user-kubeconfigs.ts';

/**
 * All searches in the order of removal. Rules of iptables come before the sets that they name, network namespaces before
 * the links that may end in them, and files before their folders.
 */
const searches: readonly Search[] = [
  kubelet,
  pods,
  mounts,
  clusterFiles,
  etcdData,
  cgroups,
  iptables,
  nftables,
  ipvs,
  ipsets,
  networkNamespaces,
  links,
  cniConfiguration,
  cniState,
  userKubeconfigs,
  podLogs,
  temporaryFiles,
  emptyFolders,
];

/**
 * Finds the things that `removeLeftovers` would remove, and those that it would leave. A search that fails finds nothing
 * here, because the removal and the proof report its failure.
 *
 * @throws the signal's reason
 */
export async function findLeftovers(
  host: SearchHost,
  context: SearchContext,
): Promise<{ readonly found: readonly Leftover[]; readonly kept: readonly Leftover[] }> {
  const results = await Promise.all(
    searches
      .filter(({ remove }) => remove !== undefined)
      .map(async ({ find }) => {
        try {
          return await find(host, context);
        } catch (error) {
          context.signal.throwIfAborted();
          if (!(error instanceof KubeadmError)) throw error;
          return { leftovers: [], kept: [] };
        }
      }),
  );
  return {
    found: results.flatMap(({ leftovers }) => leftovers),
    kept: results.flatMap(({ kept }) => kept),
  };
}

/**
 * Removes everything that can be removed. A failure is a warning, and the removal goes on.
 *
 * @throws the signal's reason
 */
export async function removeLeftovers(
  host: Host,
  context: SearchContext,
  { emit, topic }: { readonly emit: Emit; readonly topic: string },
): Promise<void> {
  for (const { kind, remove } of searches) {
    context.signal.throwIfAborted();
    try {
      const leftovers = (await remove?.(host, context)) ?? [];
      if (leftovers.length > 0) emit({ type: 'leftovers-removed', leftovers });
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof KubeadmError)) throw error;
      const hint = error.hint === undefined ? '' : ` ${error.hint}`;
      const message = `not all that the cluster left could be removed (${kindTexts[kind]}): ${messageOf(error)}${hint}`;
      emit({ type: 'warning', code: 'leftovers-not-removed', topic, message });
    }
  }
}

/**
 * Looks for everything that a reset removes.
 *
 * @throws the signal's reason
 */
export async function proveAbsence(host: SearchHost, context: SearchContext): Promise<ResetProof> {
  const results = await Promise.all(searches.map((one) => proofOf(one, host, context)));
  const made = results.map(({ search }) => search);
  return {
    clean: made.every(({ outcome }) => outcome === 'absent' || outcome === 'not-searched'),
    searches: made,
    kept: results.flatMap(({ kept }) => kept),
  };
}

async function proofOf(
  { find, kind, lookedFor }: Search,
  host: SearchHost,
  context: SearchContext,
): Promise<{ readonly search: ResetSearch; readonly kept: readonly Leftover[] }> {
  const about = { kind, lookedFor };
  try {
    const { kept, leftovers, notSearched } = await find(host, context);
    if (leftovers.length > 0) return { search: { ...about, left: leftovers, outcome: 'left' }, kept };
    if (notSearched !== undefined) {
      return { search: { ...about, left: [], outcome: 'not-searched', reason: notSearched }, kept };
    }
    return { search: { ...about, left: [], outcome: 'absent' }, kept };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof KubeadmError)) throw error;
    return { search: { ...about, left: [], outcome: 'failed', reason: messageOf(error) }, kept: [] };
  }
}
