/** What kubeadm deploys: all that differs between minors of Kubernetes, as one value per minor. */
import type { StructTable } from '../kubernetes-types/schema.ts';
import type { FeatureGates } from './feature-gates.ts';

export interface Release {
  /** The minor, such as `1.36`. */
  readonly minor: string;
  readonly images: {
    /** The tags of images. Kubernetes images have the version as their tag. */
    readonly etcd: string;
    readonly coredns: string;
    readonly pause: string;
  };
  /** The oldest external etcd; plain 3.5.24 satisfies `3.5.24-0`, because the pre-release `0` sorts before it. */
  readonly minimumExternalEtcd: string;
  /** Whether kube-proxy runs the program `conntrack` of the node. */
  readonly needsConntrack: boolean;
  /** The feature gates of kubeadm (not of the components) that a configuration may name. */
  readonly featureGates: FeatureGates;
  readonly manifests: Readonly<Record<StaticPodName, ComponentManifest>>;
  /** The Go types of KubeletConfiguration and KubeProxyConfiguration. */
  readonly componentTypes: ComponentTypes;
  /** The Go types of API objects, with what strategic merge patches must know of them. */
  readonly objectTypes: StructTable;
}

export type StaticPodName = 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'etcd';

/** The parts of a component's manifest that depend on its version. The configuration gives all other parts. */
export interface ComponentManifest {
  /** Flags whose name or value depends on the component's version. */
  readonly flags: Readonly<Record<string, string>>;
  /** The paths of the HTTP probes. A component without `readiness` has no readiness probe. */
  readonly probes: { readonly liveness: string; readonly readiness?: string; readonly startup: string };
}

/** The JSON name (an empty one means inlined), the Go type, and whether empty values are omitted. */
export type GoField = readonly [string, string, boolean];

export type ComponentTypes = Readonly<Record<string, readonly GoField[]>>;
