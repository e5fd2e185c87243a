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

/** Options of every call. */
export interface CallOptions {
  /** Ends the call at once, which then fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Selects objects of a kind. */
export interface Selection {
  /** Defaults to all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ListOptions extends Selection, CallOptions {
  /** Maximum number of objects; defaults to all. */
  readonly limit?: number;
  /** Objects per request; a longer list takes several requests. Defaults to all in one request. */
  readonly pageSize?: number;
}

export interface KubeList {
  readonly items: readonly KubeObject[];
  /** The state of the collection that the list shows. A watch can start from it. */
  readonly resourceVersion: string;
}

export interface WatchOptions extends Selection {
  /**
   * The watch sends changes after this version, without the existing objects. A version that the server has forgotten
   * fails with status 410. Without a version, the existing objects come first, each as ADDED.
   */
  readonly resourceVersion?: string;
  /** Ask for BOOKMARK events, which only carry a newer resourceVersion; default false. */
  readonly allowWatchBookmarks?: boolean;
  /** The server ends the watch after this time; its own default is 30 to 60 minutes. */
  readonly timeoutSeconds?: number;
  /** The watch fails with `NetError` ETIMEDOUT if nothing arrives for this long; defaults to no limit. */
  readonly silenceMs?: number;
  readonly signal: AbortSignal;
}

export type PatchType = 'json' | 'merge' | 'strategic';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubeObject;
}

/**
 * Every call fails with `KubeApiError` (status, reason, message of the Status object) if the server answered, and with
 * `NetError` if it did not. Its reason is EINCOMPLETE if the answer had begun. `KubeConnectOptions` limits the time and the size of the answer. Within its time, a call is
 * retried up to 10 times if the server answers 429 or 5xx with Retry-After. A read is also retried if the connection
 * was reset. The last answer with Retry-After has `details.retryAfterMs`.
 * Source: client-go rest/with_retry.go.
 */
export interface KubeClient {
  /** Base URL of the API server, without a password. */
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
   * Ends when the signal is aborted or the server closes the stream. An ERROR event of the server is thrown as a
   * `KubeApiError` with the values of its Status.
   */
  readonly watch: (apiVersion: string, kind: string, options: WatchOptions) => AsyncIterable<WatchEvent>;
  /** One GET of a path outside the resources (`/livez`, `/version`). It returns any status and does not retry. */
  readonly raw: (
    path: string,
    options?: CallOptions,
  ) => Promise<{ readonly status: number; readonly body: string }>;
  /** Closes kept-alive connections. Calls in flight fail with `NetError`. */
  readonly close: () => void;
}

export interface KubeConnectOptions {
  /** Use this URL instead of the kubeconfig's server. */
  readonly server?: string;
  /** Time limit of a call with all its retries, and of the head of a watch; default 10 s. */
  readonly timeoutMs?: number;
  /**
   * Maximum size of an answer; default 100 MiB. A client that does not trust the server yet sets 1 MiB. One line of a
   * watch is limited to 16 MiB.
   */
  readonly maxAnswerBytes?: number;
  /** False for a caller that retries by itself: each call ends with the first answer or error. Default true. */
  readonly retries?: boolean;
  /** Called with the time of the server's clock in each answer (header `Date`, in whole seconds). */
  readonly onDate?: (date: Date) => void;
}

export type KubeConnect = (kubeconfig: Kubeconfig, options?: KubeConnectOptions) => KubeClient;
