/** The calls to etcd's Cluster and Maintenance services that kubeadm makes. */

export interface EtcdMember {
  /** Hexadecimal, as etcdctl prints it. */
  readonly id: string;
  /** Empty until the member has started. */
  readonly name: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  readonly isLearner: boolean;
}

/** All as PEM. */
export interface EtcdTls {
  /** Defaults to the roots that the system trusts. */
  readonly ca?: string;
  /** Without certificate and key the client does not name itself. */
  readonly cert?: string;
  readonly key?: string;
}

export interface EtcdStatus {
  /** Hexadecimal id of the member that answered. */
  readonly memberId: string;
  /** `3.6.8` */
  readonly version: string;
  /** Hexadecimal id; undefined while the members have not elected a leader. */
  readonly leader: string | undefined;
  readonly isLearner: boolean;
  /** Problems that the member itself reports, such as `etcdserver: no leader` or alarms. */
  readonly errors: readonly string[];
}

export interface EtcdCallOptions {
  readonly signal?: AbortSignal;
}

export interface MemberListOptions extends EtcdCallOptions {
  /**
   * Defaults to true: the list is the one on which a quorum of the members agrees. With false, the answering member gives
   * the list that it knows, which needs no quorum and may be old.
   */
  readonly linearizable?: boolean;
}

/**
 * A failure is an `EtcdError`; if etcd answered, its `answer` is etcd's own text. A call that does not name an endpoint
 * tries the endpoint that answered last, then the others, until etcd answers. Each request ends after 2 s, as upstream's.
 * An aborted call fails with the reason of its signal.
 */
export interface EtcdClient {
  /** The endpoints that calls are tried on. */
  readonly endpoints: () => readonly string[];
  /**
   * Replaces the endpoints with the client URLs of the voting members that have started, and returns them. If there is
   * no such member, the endpoints stay as they are.
   */
  readonly sync: (options?: EtcdCallOptions) => Promise<readonly string[]>;
  readonly memberList: (options?: MemberListOptions) => Promise<readonly EtcdMember[]>;
  /**
   * Adds a member that does not vote yet. If a member already has the peer URL (for example because an earlier answer was
   * lost), it is returned unchanged.
   */
  readonly memberAddAsLearner: (peerURL: string, options?: EtcdCallOptions) => Promise<EtcdMember>;
  /**
   * Makes a learner a voting member. It succeeds if the member already votes. If the learner has not caught up yet,
   * `isNotInSync` is true for the error, and the caller must call again.
   */
  readonly memberPromote: (id: string, options?: EtcdCallOptions) => Promise<void>;
  /** Returns the remaining members. A member that does not exist is an `EtcdError` with the code `not_found`. */
  readonly memberRemove: (id: string, options?: EtcdCallOptions) => Promise<readonly EtcdMember[]>;
  /** Asks only this endpoint, which need not be one of `endpoints`. */
  readonly status: (endpoint: string, options?: EtcdCallOptions) => Promise<EtcdStatus>;
  readonly close: () => void;
}

export type EtcdConnect = (endpoints: readonly string[], tls?: EtcdTls) => EtcdClient;

/** The client URLs of the voting members that have started. A member has no name before it starts. */
export function votingEndpoints(members: readonly EtcdMember[]): readonly string[] {
  return members
    .filter(({ name, isLearner }) => name !== '' && !isLearner)
    .flatMap(({ clientURLs }) => clientURLs);
}
