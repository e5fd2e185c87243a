/** etcd's cluster calls, as far as kubeadm uses them. */

export interface EtcdMember {
  /** Hexadecimal, as etcdctl prints it. */
  readonly id: string;
  readonly name: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  readonly isLearner: boolean;
}

export interface EtcdTls {
  /** PEM. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Failures are `EtcdError` (gRPC code, message); each request is bounded by 2 s as upstream's. */
export interface EtcdClient {
  readonly memberList: () => Promise<readonly EtcdMember[]>;
  readonly memberRemove: (id: string) => Promise<readonly EtcdMember[]>;
  readonly close: () => void;
}

export type EtcdConnect = (endpoints: readonly string[], tls?: EtcdTls) => EtcdClient;
