/** Events about the cluster, and the ends of init and join. */

export type ClusterEvent =
  /** kubeadm will now read the ConfigMap kubeadm-config. */
  | { readonly type: 'cluster-configuration-reading'; readonly topic: string }
  | {
      readonly type: 'object-applied';
      readonly kind: string;
      readonly name: string;
      readonly namespace?: string;
    }
  | { readonly type: 'certificate-key'; readonly key: string }
  | { readonly type: 'bootstrap-token-in-use'; readonly id: string }
  | { readonly type: 'addon-applied'; readonly addon: string };

/** Events about this node's member of etcd. `id` is hexadecimal. */
export type EtcdEvent =
  /** kubeadm looks at the health of all members now. */
  | { readonly type: 'etcd-health-checking' }
  /** The member is a learner, which does not vote yet. */
  | { readonly type: 'etcd-member-added'; readonly id: string; readonly peerURL: string }
  /** An earlier run has added the member, and this run continues with it. */
  | { readonly type: 'etcd-member-kept'; readonly id: string; readonly peerURL: string }
  /** kubeadm has ended the container of the member, which the kubelet starts again. The member announces itself then. */
  | { readonly type: 'etcd-member-restarted'; readonly id: string }
  /** The member votes. The time is that since it started. */
  | { readonly type: 'etcd-member-promoted'; readonly id: string; readonly milliseconds: number }
  /** kubeadm now waits for a quorum that includes the new member. */
  | { readonly type: 'etcd-member-joining'; readonly timeoutMs: number }
  /** The run failed, and has removed the member that did not vote yet. */
  | { readonly type: 'etcd-member-removed'; readonly id: string; readonly peerURL: string };

export type InitEvent =
  | { readonly type: 'kubernetes-version'; readonly version: string }
  | { readonly type: 'control-plane-initialized'; readonly text: string };

export type JoinEvent =
  /** The whole join has ended. */
  {
    readonly type: 'node-joined';
    readonly node: string;
    readonly controlPlane: boolean;
    /** Whether the node has a member of etcd. */
    readonly etcdMember: boolean;
    /** The path of the administrator's kubeconfig. A worker has no such file. */
    readonly kubeconfig?: string;
  };
