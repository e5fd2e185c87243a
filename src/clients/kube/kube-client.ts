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

/** What every call can be given. */
export interface CallOptions {
  /** Ends the call at once; it fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Which objects of a kind are meant. */
export interface Selection {
  /** Defaults to all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ListOptions extends Selection, CallOptions {
  /** No more objects than this; defaults to all. */
  readonly limit?: number;
  /** Objects in one answer: a list with more of them is read by several requests. Defaults to all of them. */
  readonly pageSize?: number;
}

export interface KubeList {
  readonly items: readonly KubeObject[];
  /** The state of the collection that the list shows: a watch can start from it. */
  readonly resourceVersion: string;
}

export interface WatchOptions extends Selection {
  /**
   * Changes after this version, without the objects that are there; a version that the server has forgotten fails with
   * status 410. Without it the objects that are there come first, each as ADDED.
   */
  readonly resourceVersion?: string;
  /** BOOKMARK events, which carry nothing but a newer resourceVersion; default false. */
  readonly allowWatchBookmarks?: boolean;
  /** The server ends the watch after this time; its own default is 30 to 60 minutes. */
  readonly timeoutSeconds?: number;
  /** `NetError` ETIMEDOUT when nothing comes for so long; defaults to no limit. */
  readonly silenceMs?: number;
  readonly signal: AbortSignal;
}

export type PatchType = 'json' | 'merge' | 'strategic';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubeObject;
}

/**
 * Every call fails with `KubeApiError` (status, reason, message of the Status object) when the server answered, and
 * with `NetError` when it did not. Each call has a limit in time and in the size of its answer, see
 * `KubeConnectOptions`. Within its time a call is made again, up to 10 times, when the server answers 429 or 5xx with
 * Retry-After, and a read also when the connection was reset; the last such answer has `details.retryAfterMs`.
 * Source: client-go rest/with_retry.go.
 */
export interface KubeClient {
  /** Base URL that the client talks to, without a password. */
  readonly server: string;
  readonly get: (ref: ObjectRef, options?: CallOptions) => Promise<KubeObject>;
  readonly list: (apiVersion: string, kind: string, options?: ListOptions) => Promise<KubeList>;
  readonly create: (object: KubeObject, options?: CallOptions) => Promise<KubeObject>;
  readonly update: (object: KubeObject, options?: CallOptions) => Promise<KubeObject>;
  readonly patch: (
    ref: ObjectRef,
    type: PatchType,
    patch: unknown,
    options?: CallOptions,
  ) => Promise<KubeObject>;
  readonly delete: (ref: ObjectRef, options?: CallOptions) => Promise<void>;
  /**
   * Ends when the signal is aborted or the server closes the stream. An ERROR event of the server is thrown as the
   * `KubeApiError` that its Status is.
   */
  readonly watch: (apiVersion: string, kind: string, options: WatchOptions) => AsyncIterable<WatchEvent>;
  /** One GET of a path outside the resources (`/livez`, `/version`); any status is a result, and is not retried. */
  readonly raw: (
    path: string,
    options?: CallOptions,
  ) => Promise<{ readonly status: number; readonly body: string }>;
  /** Closes kept-alive connections and ends calls in flight: they fail with `NetError`. */
  readonly close: () => void;
}

export interface KubeConnectOptions {
  /** Talk to this URL instead of the kubeconfig's server (in memory only). */
  readonly server?: string;
  /** Time of one call with all its tries, and of the head of a watch; default 10 s. */
  readonly timeoutMs?: number;
  /**
   * Largest answer; default 100 MiB. A client that does not know yet whether it trusts the server gives 1 MiB. One
   * line of a watch never has more than 16 MiB.
   */
  readonly maxAnswerBytes?: number;
}

export type KubeConnect = (kubeconfig: Kubeconfig, options?: KubeConnectOptions) => KubeClient;
