/**
 * The events of a run, as a union of plain data. The renderers for text, JSON and the live view read them, and
 * cli/render/text.ts has their wording. tools/docs/event-schema.ts makes docs/reference/events.schema.json from this file.
 * Only three events can contain a secret, because users ask for it: `certificate-key`, `control-plane-initialized` and
 * `would-call` of a dry run. cli/render/secrets.ts removes it before an event leaves the process.
 */

import type { WarningCode } from './warnings.ts';

/** The beginning and the end of a command that runs phases. */
export type RunEvent =
  /** `command` has the words of the command line without `kubeadm` and flags. `version` is that of Kubernetes. */
  | { readonly type: 'run-started'; readonly command: string; readonly version: string }
  | { readonly type: 'run-finished'; readonly milliseconds: number }
  | {
      readonly type: 'run-failed';
      readonly milliseconds: number;
      /** The stable code of a KubeadmError, or `unexpected` for any other error. */
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
    }
  /** The times of the phases. It comes before the end of the run. */
  | {
      readonly type: 'timeline';
      readonly command: string;
      /** The duration of the run until this event. */
      readonly milliseconds: number;
      /** The phases in the order of their start. */
      readonly phases: readonly TimelinePhase[];
      readonly waits: readonly TimelineWait[];
    }
  /** The user is asked. The live view pauses until the answer. */
  | { readonly type: 'prompt-opened'; readonly question: string }
  | { readonly type: 'prompt-closed' };

export interface TimelinePhase {
  readonly phase: string;
  /** Milliseconds since the start of the run. */
  readonly start: number;
  readonly milliseconds: number;
  /** `running` means that the phase had not ended at the end of the run. */
  readonly outcome: 'finished' | 'failed' | 'stopped' | 'running';
  /** Full names of the phases that ran at the same time for a while. */
  readonly overlaps: readonly string[];
}

export interface TimelineWait {
  readonly phase: string;
  readonly for: string;
  /** Milliseconds since the start of the run. */
  readonly start: number;
  readonly milliseconds: number;
}

/** Events about the phases themselves. */
export type PhaseEvent =
  /** The name of this node is known. It comes before the phases. */
  | { readonly type: 'node-name'; readonly node: string }
  /** The full names of the phases that will run, in listed order. */
  | { readonly type: 'phases-selected'; readonly phases: readonly string[] }
  | { readonly type: 'phase-started'; readonly phase: string }
  | { readonly type: 'phase-finished'; readonly phase: string; readonly milliseconds: number }
  | { readonly type: 'phase-failed'; readonly phase: string; readonly message: string }
  /** The phase had to stop, because another phase failed or the user interrupted the run. */
  | { readonly type: 'phase-stopped'; readonly phase: string };

export type GeneralEvent =
  /** A warning on stderr. `code` is stable and warnings.md has its meaning. The text can change. */
  | {
      readonly type: 'warning';
      readonly code: WarningCode;
      /** The text in brackets before the message. */
      readonly topic?: string;
      readonly message: string;
    }
  /** The command line has a deprecated flag. The message goes to stderr unchanged. */
  | { readonly type: 'flag-deprecated'; readonly message: string }
  /** A detail on stderr, which is shown from `-v <verbosity>` on. */
  | {
      readonly type: 'detail';
      readonly verbosity: number;
      /** The text in brackets before the message. */
      readonly topic?: string;
      readonly message: string;
    }
  /** A progress line `[topic] message` on stdout, for lines without other data. */
  | { readonly type: 'progress'; readonly topic: string; readonly message: string }
  /** A result that goes to stdout unchanged, such as the YAML of a dry run. */
  | { readonly type: 'output'; readonly text: string }
  /** A wait begins. It ends after `timeoutMs` at the latest. */
  | { readonly type: 'waiting'; readonly topic: string; readonly for: string; readonly timeoutMs: number }
  | { readonly type: 'waited'; readonly topic: string; readonly for: string; readonly milliseconds: number };

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

export type ClusterEvent =
  /** kubeadm will now read the ConfigMap kubeadm-config. */
  | { readonly type: 'cluster-configuration-reading'; readonly topic: string }
  | {
      readonly type: 'object-applied';
      readonly kind: string;
      readonly name: string;
      readonly namespace?: string;
    }
  | { readonly type: 'certificate-key'; readonly key: string }
  | { readonly type: 'bootstrap-token-in-use'; readonly id: string }
  | { readonly type: 'addon-applied'; readonly addon: string };

/** Events about this node's member of etcd. `id` is hexadecimal. */
export type EtcdEvent =
  /** kubeadm looks at the health of all members now. */
  | { readonly type: 'etcd-health-checking' }
  /** The member is a learner, which does not vote yet. */
  | { readonly type: 'etcd-member-added'; readonly id: string; readonly peerURL: string }
  /** An earlier run has added the member, and this run continues with it. */
  | { readonly type: 'etcd-member-kept'; readonly id: string; readonly peerURL: string }
  /** kubeadm has ended the container of the member, which the kubelet starts again. The member announces itself then. */
  | { readonly type: 'etcd-member-restarted'; readonly id: string }
  /** The member votes. The time is that since it started. */
  | { readonly type: 'etcd-member-promoted'; readonly id: string; readonly milliseconds: number }
  /** kubeadm now waits for a quorum that includes the new member. */
  | { readonly type: 'etcd-member-joining'; readonly timeoutMs: number }
  /** The run failed, and has removed the member that did not vote yet. */
  | { readonly type: 'etcd-member-removed'; readonly id: string; readonly peerURL: string };

export type InitEvent =
  | { readonly type: 'kubernetes-version'; readonly version: string }
  | { readonly type: 'control-plane-initialized'; readonly text: string };

export type JoinEvent =
  /** The whole join has ended. */
  {
    readonly type: 'node-joined';
    readonly node: string;
    readonly controlPlane: boolean;
    /** Whether the node has a member of etcd. */
    readonly etcdMember: boolean;
    /** The path of the administrator's kubeconfig. A worker has no such file. */
    readonly kubeconfig?: string;
  };

export type ResetEvent =
  | { readonly type: 'kubelet-service-stopping' }
  | { readonly type: 'directory-unmounting'; readonly directory: string }
  | { readonly type: 'contents-deleting'; readonly directories: readonly string[] }
  | { readonly type: 'files-deleting'; readonly files: readonly string[] }
  | { readonly type: 'etcd-data-deleted'; readonly directory: string }
  /** `reset --all` names what it will remove besides the results of `init` and `join`, and what it will leave. */
  | {
      readonly type: 'leftovers-found';
      readonly found: readonly Leftover[];
      readonly kept: readonly Leftover[];
    }
  | { readonly type: 'leftovers-removed'; readonly leftovers: readonly Leftover[] }
  /** `reset --all` has looked again for everything that it removes. */
  | { readonly type: 'reset-proof'; readonly proof: ResetProof };

export type LeftoverKind =
  | 'cgroup'
  | 'cni-configuration'
  | 'cni-state'
  | 'directory'
  | 'etcd-data'
  | 'file'
  | 'ipset'
  | 'iptables'
  | 'ipvs'
  | 'kubeconfig'
  | 'kubelet'
  | 'link'
  | 'log'
  | 'mount'
  | 'network-namespace'
  | 'nftables'
  | 'pod';

/** One thing on this machine that a cluster made or may have made. */
export interface Leftover {
  readonly kind: LeftoverKind;
  /** The path or the name by which the tools of the machine know it. */
  readonly name: string;
  /** A text about its origin, or about why it is kept. */
  readonly reason: string;
}

/** The result of looking for everything that `reset --all` removes. */
export interface ResetProof {
  /** True if nothing is left, and every search that this machine has the programs for was made. */
  readonly clean: boolean;
  readonly searches: readonly ResetSearch[];
  /** The things that kubeadm leaves because it did not make them, or cannot know who did. */
  readonly kept: readonly Leftover[];
}

export interface ResetSearch {
  readonly kind: LeftoverKind;
  /** The things that were looked for, in words. */
  readonly lookedFor: string;
  readonly left: readonly Leftover[];
  /**
   * `absent`: nothing was found. `left`: something was. `not-searched`: this machine lacks the program or the feature of
   * the kernel. `failed`: the search failed, so something may be left.
   */
  readonly outcome: 'absent' | 'left' | 'not-searched' | 'failed';
  /** The reason why nothing was searched. */
  readonly reason?: string;
}

export type UpgradeEvent =
  /** The manifest of this component does not change. */
  | { readonly type: 'static-pod-unchanged'; readonly component: string }
  /** The manifest is being replaced. `backup` is the file that has the earlier one. */
  | { readonly type: 'static-pod-swapping'; readonly component: string; readonly backup: string }
  | { readonly type: 'static-pod-swapped'; readonly component: string; readonly milliseconds: number }
  /** These components have their earlier manifests and run again. */
  | {
      readonly type: 'static-pods-put-back';
      readonly components: readonly string[];
      readonly milliseconds: number;
    }
  | {
      readonly type: 'etcd-backed-up';
      readonly from: string;
      readonly to: string;
      readonly milliseconds: number;
    };

/** Each write that a dry run would do (`host/dry-run`). */
export type DryRunEvent =
  /** `content` is absent if it may hold a secret. `copy` is the file that the dry run wrote instead. */
  | {
      readonly type: 'would-write';
      readonly path: string;
      readonly content?: string;
      readonly copy?: string;
    }
  | { readonly type: 'would-make-directory'; readonly path: string }
  /** `tree` is a directory with all below it. `contents` is all below it, without the directory. */
  | {
      readonly type: 'would-remove';
      readonly path: string;
      readonly what: 'file' | 'tree' | 'contents';
    }
  | { readonly type: 'would-change-mode'; readonly path: string; readonly mode: number }
  /** With `below`, everything below the path changes its owner, too. */
  | {
      readonly type: 'would-change-owner';
      readonly path: string;
      readonly uid: number;
      readonly gid: number;
      readonly below: boolean;
    }
  | { readonly type: 'would-move'; readonly from: string; readonly to: string }
  | { readonly type: 'would-copy'; readonly from: string; readonly to: string }
  /** `input` is the text that the program would read from its standard input. */
  | { readonly type: 'would-run'; readonly command: readonly string[]; readonly input?: string }
  | { readonly type: 'would-start-service'; readonly service: string }
  | { readonly type: 'would-restart-service'; readonly service: string }
  | { readonly type: 'would-stop-service'; readonly service: string }
  /** The init system would read the unit of the service again. */
  | { readonly type: 'would-read-unit'; readonly service: string }
  | { readonly type: 'would-unmount'; readonly path: string }
  | { readonly type: 'would-pull-image'; readonly image: string }
  /** `id` is the id of the sandbox in the container runtime. Name and namespace are those of its Pod, if it was listed. */
  | {
      readonly type: 'would-stop-pod';
      readonly id: string;
      readonly name?: string;
      readonly namespace?: string;
    }
  | {
      readonly type: 'would-remove-pod';
      readonly id: string;
      readonly name?: string;
      readonly namespace?: string;
    }
  | { readonly type: 'would-add-member'; readonly peerURL: string }
  /** `id` is the hexadecimal id of the etcd member. */
  | { readonly type: 'would-promote-member'; readonly id: string }
  | { readonly type: 'would-remove-member'; readonly id: string }
  /** A call of the API. GET and LIST are made; only some commands report them, as upstream does. */
  | {
      readonly type: 'would-call';
      readonly verb: 'GET' | 'LIST' | 'CREATE' | 'UPDATE' | 'PATCH' | 'DELETE';
      /** The plural name, such as `configmaps`. */
      readonly resource: string;
      /** Group and version, such as `apps/v1` and `core/v1`. */
      readonly api: string;
      /** The name of the object in the call. LIST, CREATE and UPDATE have no name. */
      readonly name?: string;
      readonly namespace?: string;
      /** JSON. */
      readonly patch?: string;
      /** YAML of the object that was found or would be written. */
      readonly object?: string;
    };

export type KubeadmEvent =
  | RunEvent
  | PhaseEvent
  | GeneralEvent
  | PreflightEvent
  | KeyEvent
  | CertificateEvent
  | KubeconfigEvent
  | ManifestEvent
  | KubeletEvent
  | HealthEvent
  | ClusterEvent
  | EtcdEvent
  | InitEvent
  | JoinEvent
  | ResetEvent
  | UpgradeEvent
  | DryRunEvent;

/** An event with its phase and its time. */
export interface RecordedEvent {
  /** Milliseconds since the start of the run. */
  readonly at: number;
  /** The full name of the phase that reports the event. It is undefined outside phases. */
  readonly phase: string | undefined;
  readonly event: KubeadmEvent;
}

export type Emit = (event: KubeadmEvent) => void;
