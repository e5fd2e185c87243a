/** Events about certificates. */
export type CertificateEvent =
  | { readonly type: 'certificates-directory'; readonly directory: string }
  | { readonly type: 'certificate-generated'; readonly name: string; readonly key: 'pair' | 'sa' }
  | {
      readonly type: 'certificate-signed-for';
      readonly name: string;
      readonly dns: readonly string[];
      readonly ips: readonly string[];
    }
  | {
      readonly type: 'certificate-existing';
      readonly name: string;
      readonly kind: 'ca' | 'keyless-ca' | 'leaf' | 'sa';
    }
  | {
      readonly type: 'certificate-skipped';
      readonly name: string;
      readonly reason: 'external-etcd' | 'external-ca';
    }
  | { readonly type: 'certificate-renewed'; readonly name: string }
  | {
      readonly type: 'certificate-not-renewed';
      readonly name: string;
      /** `external` means that the key of the authority is not on this node. */
      readonly reason: 'missing' | 'external';
    }
  /** kubeadm ends the container of a component, and the kubelet starts it again with the renewed certificates. */
  | { readonly type: 'static-pod-restarting'; readonly component: string }
  /** The component works with its renewed certificates. They have the names of `kubeadm certs renew`. */
  | {
      readonly type: 'certificates-taken-up';
      readonly component: string;
      readonly certificates: readonly string[];
      /** False if the component has read the files by itself. */
      readonly restarted: boolean;
      readonly milliseconds: number;
    }
  /** The component did not work with its renewed certificates, and works with the earlier ones again. */
  | {
      readonly type: 'certificates-put-back';
      readonly component: string;
      readonly certificates: readonly string[];
      readonly milliseconds: number;
    }
  /** A control plane that joins has all its certificates and keys. */
  | { readonly type: 'certificates-complete'; readonly directory: string };
