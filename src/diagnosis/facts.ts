/** The facts about the kubelet and the containers since a wait began, as plain data. */
import type { ContainerStatus } from '../clients/cri/cri-client.ts';

/** A run of a container that has ended. */
export interface EndedRun {
  /** The number of the run. It continues from the logs of earlier containers of the Pod. */
  readonly attempt: number;
  readonly exitCode: number;
  /** The runtime's words, without secrets. */
  readonly reason: string;
  readonly message: string;
  /** The time from its start to its end in milliseconds; 0 if it never started. */
  readonly ranMs: number;
  /** The first and the last lines of its log, oldest first, without time stamps and secrets. */
  readonly log: readonly string[];
}

export interface ComponentFacts {
  /** The name of the container, such as `etcd` or `kube-apiserver`. */
  readonly name: string;
  /** The state of the newest container. With `no-container` there is only a sandbox. */
  readonly state: 'no-sandbox' | 'no-container' | ContainerStatus['state'];
  /** The number of runs that ended since the command began. `runs` can have fewer, if one was removed before it was read. */
  readonly exits: number;
  readonly runs: readonly EndedRun[];
}

export interface EndedKubelet {
  readonly exitCode: number;
  readonly log: readonly string[];
}

export interface KubeletFacts {
  /** The state in systemd: `active`, `activating` (waits for its next start) or `failed` (given up). */
  readonly state: string;
  /** The number of ends since systemd last got the request to start it. */
  readonly exitsEver: number;
  /** The number of ends since the wait began. */
  readonly exits: number;
  /** The ends that were seen, including the one before the wait, oldest first. */
  readonly runs: readonly EndedKubelet[];
  /** Whether its unit starts it without `--config`; undefined when the unit does not show it. */
  readonly withoutConfig?: boolean;
}

/** An image that the kubelet could not get, from its journal. */
export interface PullFailure {
  readonly image: string;
  readonly message: string;
  /** Whether imagePullPolicy is Never, so that the kubelet does not pull. */
  readonly never: boolean;
  /** The time when it was read, in milliseconds since the wait began. */
  readonly at: number;
}

/** The failure of a Pod that has had no sandbox since. */
export interface SandboxFailure {
  /** The Pod, such as `kube-system/etcd-node1`. */
  readonly pod: string;
  readonly message: string;
  readonly at: number;
}

export interface Facts {
  readonly criSocket: string;
  /** Milliseconds since the wait began. */
  readonly elapsedMs: number;
  /** In the order of their dependencies, with etcd first; undefined if the runtime did not answer. */
  readonly components?: readonly ComponentFacts[];
  /** Undefined if systemd does not answer. */
  readonly kubelet?: KubeletFacts;
  readonly pulls: readonly PullFailure[];
  readonly sandboxes: readonly SandboxFailure[];
  /** The images of `pulls` that the runtime does not have now. */
  readonly absentImages: readonly string[];
}
