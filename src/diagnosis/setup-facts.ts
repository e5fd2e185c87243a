/** Facts about how the programs of a machine are set up, as far as they have to fit each other. */

export interface CgroupFacts {
  /** The cgroup driver in the kubelet's configuration. Undefined if an argument may set another one. */
  readonly kubelet?: 'systemd' | 'cgroupfs';
  /** The cgroup driver in the configuration of the runtime. Undefined if it does not report it. */
  readonly runtime?: 'systemd' | 'cgroupfs';
  /** Whether the kubelet takes the driver from the runtime when it starts, and not from its configuration. */
  readonly isTaken: boolean;
}

/** A certificate that a component of the control plane uses, although its file has another one. */
export interface OldCertificateFacts {
  readonly component: string;
  /** The name of `kubeadm certs renew`. */
  readonly certificate: string;
  readonly path: string;
  /** Whether it is the certificate of the server. Otherwise the component is a client, and reads the file when it starts. */
  readonly isServed: boolean;
}

/** A proxy for https in the environment of a program that sends requests to the API server. */
export interface ProxyFacts {
  /** `kubeadm`, a unit such as `kubelet` or `containerd`, or a component. */
  readonly program: string;
  /** Its URL without user and password. */
  readonly proxy: string;
  /** The value of NO_PROXY. */
  readonly noProxy: string;
  /** Why kubeadm does not reach the control plane endpoint through it, although the endpoint answers without it. */
  readonly error?: string;
}

/** A file in the directory of manifests with a Pod of the same name as a static Pod of kubeadm. */
export interface DuplicateManifestFacts {
  readonly component: string;
  readonly path: string;
}
