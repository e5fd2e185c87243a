/** The part of core/v1 Pod that static Pods use, as JSON data. */
import type { EnvVar } from '../config/hub.ts';
import type { StaticPodName } from '../releases/release.ts';

export interface Pod {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: {
    readonly name: StaticPodName;
    readonly namespace: 'kube-system';
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly hostNetwork: true;
    readonly priority: number;
    readonly priorityClassName: string;
    readonly securityContext: PodSecurityContext;
    readonly volumes: readonly Volume[];
  };
  /** Go writes this field of a Pod even if it is empty. */
  readonly status: Readonly<Record<string, never>>;
}

export interface PodSecurityContext {
  readonly seccompProfile: { readonly type: 'RuntimeDefault' };
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly supplementalGroups?: readonly number[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: 'IfNotPresent';
  readonly command: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly livenessProbe: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe: Probe;
  readonly ports: readonly ContainerPort[];
  readonly resources: { readonly requests: Readonly<Record<string, string>> };
  readonly securityContext?: ContainerSecurityContext;
  readonly volumeMounts: readonly VolumeMount[];
}

export interface ContainerPort {
  readonly name: string;
  readonly containerPort: number;
  readonly protocol: 'TCP';
}

export interface ContainerSecurityContext {
  readonly allowPrivilegeEscalation?: boolean;
  readonly capabilities: { readonly add?: readonly string[]; readonly drop: readonly string[] };
}

export interface Probe {
  readonly failureThreshold: number;
  readonly httpGet: {
    /** Defaults to the address of the Pod. */
    readonly host?: string;
    readonly path: string;
    readonly port: string;
    readonly scheme: 'HTTP' | 'HTTPS';
  };
  readonly initialDelaySeconds?: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
}

export interface Volume {
  readonly name: string;
  readonly hostPath: { readonly path: string; readonly type: string };
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: true;
}
