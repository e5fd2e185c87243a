/** Events about what a run makes and starts on this node. */

export type PreflightEvent =
  | { readonly type: 'preflight-running' }
  | {
      readonly type: 'preflight-finding';
      readonly level: 'warning' | 'error';
      readonly check: string;
      readonly message: string;
    }
  | { readonly type: 'images-pulling'; readonly count: number }
  | { readonly type: 'image-pulling'; readonly image: string }
  | {
      readonly type: 'image-pulled';
      readonly image: string;
      readonly milliseconds: number;
      readonly present: boolean;
    }
  | { readonly type: 'image-failed'; readonly image: string; readonly message: string };

/** Events about key pairs that are made before the phases need them. They are outside of any phase. */
export type KeyEvent =
  | { readonly type: 'keys-making'; readonly algorithm: string; readonly count: number }
  | {
      readonly type: 'key-made';
      readonly made: number;
      readonly count: number;
      readonly milliseconds: number;
    };

export type KubeconfigEvent =
  | { readonly type: 'kubeconfig-directory'; readonly directory: string }
  | { readonly type: 'kubeconfig-written'; readonly file: string }
  | { readonly type: 'kubeconfig-existing'; readonly path: string }
  | { readonly type: 'kubeconfig-skipped'; readonly file: string };

export type ManifestEvent =
  | { readonly type: 'manifests-directory'; readonly directory: string }
  | { readonly type: 'manifest-written'; readonly component: string; readonly directory: string }
  | { readonly type: 'patch-applied'; readonly target: string; readonly contentType: string }
  | {
      readonly type: 'patch-ignored';
      readonly file: string;
      readonly reason: 'extension' | 'target' | 'empty';
    };

export type KubeletEvent =
  | {
      readonly type: 'kubelet-file-written';
      readonly file: string;
      readonly kind: 'environment' | 'configuration';
    }
  | { readonly type: 'kubelet-stopping' }
  /** kubeadm cannot stop or start the kubelet, so the user has to do it. */
  | {
      readonly type: 'kubelet-unmanaged';
      readonly action: 'stop' | 'start';
      readonly reason: 'no-init-system' | 'no-service' | 'failed';
    }
  | { readonly type: 'kubelet-starting' }
  /** The API server of this machine has begun to serve, and the kubelet would not have asked it again at once. */
  | { readonly type: 'kubelet-restarted' };

export type HealthEvent =
  | { readonly type: 'component-checking'; readonly component: string; readonly url: string }
  | { readonly type: 'component-healthy'; readonly component: string; readonly milliseconds: number }
  | {
      readonly type: 'component-unhealthy';
      readonly component: string;
      readonly milliseconds: number;
      readonly reason: string;
    };
