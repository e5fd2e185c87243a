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
  /** What the member itself reports as wrong: `etcdserver: no leader`, alarms. */
  readonly errors: readonly string[];
}

export interface EtcdCallOptions {
  readonly signal?: AbortSignal;
}

/**
 * A failure is an `EtcdError`; its `answer` is etcd's own text, if etcd answered. A call that is not about one named
 * endpoint tries each endpoint, and first the one that answered last: the first answer of etcd counts. Each request is
 * bounded by 2 s as upstream's. An aborted call fails with the reason of its signal.
 */
export interface EtcdClient {
  /** The endpoints that calls are tried at. */
  readonly endpoints: () => readonly string[];
  /**
   * Replaces the endpoints by the client URLs of the voting members that have started; they are the result. Without such
   * a member the endpoints stay.
   */
  readonly sync: (options?: EtcdCallOptions) => Promise<readonly string[]>;
  readonly memberList: (options?: EtcdCallOptions) => Promise<readonly EtcdMember[]>;
  /**
   * Adds a member that does not vote yet. A member that has the peer URL already, as after an answer that was lost,
   * is the result as it is.
   */
  readonly memberAddAsLearner: (peerURL: string, options?: EtcdCallOptions) => Promise<EtcdMember>;
  /**
   * Makes a learner a voting member; that it votes already is a success. A learner that has not caught up yet is an
   * error for which `isNotInSync` is true: the call is to be made again.
   */
  readonly memberPromote: (id: string, options?: EtcdCallOptions) => Promise<void>;
  /** The members that are left. A member that does not exist is an `EtcdError` with the code `not_found`. */
  readonly memberRemove: (id: string, options?: EtcdCallOptions) => Promise<readonly EtcdMember[]>;
  /** Asks this endpoint and no other; it need not be one of `endpoints`. */
  readonly status: (endpoint: string, options?: EtcdCallOptions) => Promise<EtcdStatus>;
  readonly close: () => void;
}

export type EtcdConnect = (endpoints: readonly string[], tls?: EtcdTls) => EtcdClient;

/** The client URLs of the voting members that have started: a member has no name before. */
export function votingEndpoints(members: readonly EtcdMember[]): readonly string[] {
  return members
    .filter(({ name, isLearner }) => name !== '' && !isLearner)
    .flatMap(({ clientURLs }) => clientURLs);
}
