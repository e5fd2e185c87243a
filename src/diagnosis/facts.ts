/** The evidence of a wait: what was seen of the kubelet and of the containers since it began. Plain data. */
import type { ContainerStatus } from '../clients/cri/cri-client.ts';

/** A run of a container that has ended. */
export interface EndedRun {
  /** Goes on from the logs that earlier containers of the Pod have left. */
  readonly attempt: number;
  readonly exitCode: number;
  /** The runtime's words, without secrets. */
  readonly reason: string;
  readonly message: string;
  /** Milliseconds from its start to its end; 0 when it never started. */
  readonly ranMs: number;
  /** Its log without time stamps and secrets: the first and the last lines, oldest first. */
  readonly log: readonly string[];
}

export interface ComponentFacts {
  /** The container's name: `etcd`, `kube-apiserver` … */
  readonly name: string;
  /** Of the newest container; `no-container`: there is only a sandbox. */
  readonly state: 'no-sandbox' | 'no-container' | ContainerStatus['state'];
  /** Runs that ended since the command began; more than `runs` holds where one was gone before it could be read. */
  readonly exits: number;
  readonly runs: readonly EndedRun[];
}

export interface EndedKubelet {
  readonly exitCode: number;
  readonly log: readonly string[];
}

export interface KubeletFacts {
  /** systemd's words: `active`, `activating` (waits for its next start), `failed` (given up). */
  readonly state: string;
  /** How often it ended since systemd was last asked to start it. */
  readonly exitsEver: number;
  /** How often it ended since the wait began. */
  readonly exits: number;
  /** The ends that were seen, the one before the wait included, oldest first. */
  readonly runs: readonly EndedKubelet[];
}

/** What the kubelet's journal says of an image that it could not get. */
export interface PullFailure {
  readonly image: string;
  readonly message: string;
  /** imagePullPolicy is Never: nobody tries. */
  readonly never: boolean;
  /** Milliseconds since the wait began when it was read. */
  readonly at: number;
}

/** Of a Pod that has had no sandbox since. */
export interface SandboxFailure {
  /** `kube-system/etcd-node1`. */
  readonly pod: string;
  readonly message: string;
  readonly at: number;
}

export interface Facts {
  readonly criSocket: string;
  /** Milliseconds since the wait began. */
  readonly elapsedMs: number;
  /** In the order in which they depend on each other: etcd first. undefined where the runtime gave no answer. */
  readonly components?: readonly ComponentFacts[];
  /** undefined where no systemd answers. */
  readonly kubelet?: KubeletFacts;
  readonly pulls: readonly PullFailure[];
  readonly sandboxes: readonly SandboxFailure[];
  /** Images of `pulls` that the runtime does not have now. */
  readonly absentImages: readonly string[];
}
