/** The common form of all searches for things that a cluster leaves on a machine. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { Leftover, LeftoverKind } from '../events/reset.ts';
import type { Host } from '../host.ts';
import type { ClusterIdentity } from '../kubeconfig/cluster-identity.ts';

/** The parts of a host that reads need. */
export type SearchHost = Pick<Host, 'clock' | 'cri' | 'files' | 'net' | 'services'> & {
  readonly exec: Pick<Host['exec'], 'find' | 'probe'>;
};

export interface SearchContext {
  readonly identity: ClusterIdentity;
  readonly certificatesDir: string;
  readonly criSocket: string;
  /** The folder with the data of this node's etcd member; undefined if kubeadm made no member. */
  readonly etcdDataDir: string | undefined;
  /** Whether the Pods and files of the cluster are already removed, so that only leftovers remain. */
  readonly afterCleanup: boolean;
  readonly signal: AbortSignal;
}

export interface Found {
  readonly leftovers: readonly Leftover[];
  readonly kept: readonly Leftover[];
  /** The reason why this machine cannot be searched, such as a missing program. */
  readonly notSearched: string | undefined;
}

/** A search for one kind of thing. */
export interface Search {
  readonly kind: LeftoverKind;
  /** The things that are looked for, in words. */
  readonly lookedFor: string;
  /** @throws KubeadmError if the search fails; the signal's reason */
  readonly find: (host: SearchHost, context: SearchContext) => Promise<Found>;
  /**
   * Looks and removes. Undefined if another phase of `reset` removes these things.
   *
   * @returns the things that it removed
   * @throws KubeadmError if something is left; the signal's reason
   */
  readonly remove?: (host: Host, context: SearchContext) => Promise<readonly Leftover[]>;
}

type Named = Omit<Leftover, 'kind'>;

/** A thing that was found, with the values that its removal needs. */
export type Item<Handle> = Named & { readonly handle: Handle };

export interface Items<Handle> {
  readonly items: readonly Item<Handle>[];
  readonly kept?: readonly Named[];
  readonly notSearched?: string;
}

interface SearchSpec<Handle> {
  readonly kind: LeftoverKind;
  readonly lookedFor: string;
  readonly find: (host: SearchHost, context: SearchContext) => Promise<Items<Handle>>;
  readonly remove?: (host: Host, items: readonly Item<Handle>[], signal: AbortSignal) => Promise<void>;
}

/** Builds a search from a function that finds things and, if no other phase removes them, one that removes them. */
export function search<Handle>({ kind, lookedFor, find, remove }: SearchSpec<Handle>): Search {
  const named = (items: readonly Named[]): readonly Leftover[] =>
    items.map(({ name, reason }) => ({ kind, name, reason }));
  return {
    kind,
    lookedFor,
    find: async (host, context) => {
      const { items, kept = [], notSearched } = await find(host, context);
      return { leftovers: named(items), kept: named(kept), notSearched };
    },
    ...(remove === undefined
      ? {}
      : {
          remove: async (host: Host, context: SearchContext) => {
            const { items } = await find(host, context);
            context.signal.throwIfAborted();
            if (items.length > 0) await remove(host, items, context.signal);
            return named(items);
          },
        }),
  };
}

/** Joins the results of several places. */
export function joinItems<Handle>(results: readonly Items<Handle>[]): Items<Handle> {
  return {
    items: results.flatMap(({ items }) => items),
    kept: results.flatMap(({ kept = [] }) => kept),
  };
}

/**
 * Removes the things one after the other, and goes on past those that cannot be removed.
 *
 * @throws KubeadmError with the reasons, if some cannot be removed; the signal's reason
 */
export async function removeEach<Handle>(
  items: readonly Item<Handle>[],
  signal: AbortSignal,
  remove: (handle: Handle) => Promise<void>,
): Promise<void> {
  const failures: KubeadmError[] = [];
  for (const { handle } of items) {
    signal.throwIfAborted();
    try {
      await remove(handle);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof KubeadmError)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first === undefined) return;
  const hint = failures.find((failure) => failure.hint !== undefined)?.hint;
  throw new KubeadmError(first.code, [...new Set(failures.map(messageOf))].join('; '), {
    cause: first,
    ...(hint === undefined ? {} : { hint }),
  });
}
