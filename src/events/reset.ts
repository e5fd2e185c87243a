/** Events of a reset. */

export type ResetEvent =
  | { readonly type: 'kubelet-service-stopping' }
  | { readonly type: 'directory-unmounting'; readonly directory: string }
  | { readonly type: 'contents-deleting'; readonly directories: readonly string[] }
  | { readonly type: 'files-deleting'; readonly files: readonly string[] }
  | { readonly type: 'etcd-data-deleted'; readonly directory: string }
  /** `reset --all` names what it will remove besides the results of `init` and `join`, and what it will leave. */
  | {
      readonly type: 'leftovers-found';
      readonly found: readonly Leftover[];
      readonly kept: readonly Leftover[];
    }
  | { readonly type: 'leftovers-removed'; readonly leftovers: readonly Leftover[] }
  /** `reset --all` has looked again for everything that it removes. */
  | { readonly type: 'reset-proof'; readonly proof: ResetProof };

export type LeftoverKind =
  | 'cgroup'
  | 'cni-configuration'
  | 'cni-state'
  | 'directory'
  | 'etcd-data'
  | 'file'
  | 'ipset'
  | 'iptables'
  | 'ipvs'
  | 'kubeconfig'
  | 'kubelet'
  | 'link'
  | 'log'
  | 'mount'
  | 'network-namespace'
  | 'nftables'
  | 'pod';

/** One thing on this machine that a cluster made or may have made. */
export interface Leftover {
  readonly kind: LeftoverKind;
  /** The path or the name by which the tools of the machine know it. */
  readonly name: string;
  /** A text about its origin, or about why it is kept. */
  readonly reason: string;
}

/** The result of looking for everything that `reset --all` removes. */
export interface ResetProof {
  /** True if nothing is left, and every search that this machine has the programs for was made. */
  readonly clean: boolean;
  readonly searches: readonly ResetSearch[];
  /** The things that kubeadm leaves because it did not make them, or cannot know who did. */
  readonly kept: readonly Leftover[];
}

export interface ResetSearch {
  readonly kind: LeftoverKind;
  /** The things that were looked for, in words. */
  readonly lookedFor: string;
  readonly left: readonly Leftover[];
  /**
   * `absent`: nothing was found. `left`: something was. `not-searched`: this machine lacks the program or the feature of
   * the kernel. `failed`: the search failed, so something may be left.
   */
  readonly outcome: 'absent' | 'left' | 'not-searched' | 'failed';
  /** The reason why nothing was searched. */
  readonly reason?: string;
}
