/**
 * The API server as kubeadm's phases see it. Implementations: http-kube-client.ts (over host/machine/network/kube-transport.ts),
 * host/dry-run/kube.ts, host/memory/api-server.ts.
 */
import type { Kubeconfig } from '../../kubeconfig/kubeconfig.ts';

/** A Kubernetes object as JSON data. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly resourceVersion?: string;
  readonly uid?: string;
  readonly [field: string]: unknown;
}

/** Names one object; the path of its resource comes from the table in resources.ts. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
}

export type PatchType = 'json' | 'merge' | 'strategic';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

/**
 * Every call fails with `KubeApiError` (status, reason, message of the Status object) when the server
 * answered, and with `NetError` when it did not; each request is bounded by 10 s as upstream's.
 */
export interface KubeClient {
  /** Base URL that the client talks to. */
  readonly server: string;
  readonly get: (ref: ObjectRef) => Promise<KubeObject>;
  readonly list: (apiVersion: string, kind: string, options?: ListOptions) => Promise<readonly KubeObject[]>;
  readonly create: (object: KubeObject) => Promise<KubeObject>;
  readonly update: (object: KubeObject) => Promise<KubeObject>;
  readonly patch: (ref: ObjectRef, type: PatchType, patch: unknown) => Promise<KubeObject>;
  readonly delete: (ref: ObjectRef) => Promise<void>;
  /** Ends when the signal is aborted or the server closes the stream. */
  readonly watch: (
    apiVersion: string,
    kind: string,
    options: ListOptions & { readonly signal: AbortSignal },
  ) => AsyncIterable<WatchEvent>;
  /** A GET of a path outside the resources (`/livez`, `/version`); any status is a result. */
  readonly raw: (path: string) => Promise<{ readonly status: number; readonly body: string }>;
  /** Closes kept-alive connections and ends calls in flight: they fail with `NetError`. */
  readonly close: () => void;
}

export interface KubeConnectOptions {
  /** Talk to this URL instead of the kubeconfig's server (in memory only). */
  readonly server?: string;
  /** Per request; default 10 s. */
  readonly timeoutMs?: number;
}

export type KubeConnect = (kubeconfig: Kubeconfig, options?: KubeConnectOptions) => KubeClient;
