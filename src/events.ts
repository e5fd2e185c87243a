/**
 * The events of a run: one union of plain data. The text, JSON and terminal renderers are functions of it
 * (wording: cli/render/text.ts), and docs/reference/events.schema.json is made from this file
 * (tools/docs/event-schema.ts). No event ever carries a secret; the results that users ask for
 * (`certificate-key`, `control-plane-initialized`, `would-call` of a dry run) are the named exceptions, and
 * cli/render/secrets.ts takes them out before an event leaves the process.
 */

import type { WarningCode } from './warnings.ts';

/** The beginning and the end of a command that runs phases. */
export type RunEvent =
  /** `command`: the words of the command line without `kubeadm` and flags; `version`: of Kubernetes. */
  | { readonly type: 'run-started'; readonly command: string; readonly version: string }
  | { readonly type: 'run-finished'; readonly milliseconds: number }
  | {
      readonly type: 'run-failed';
      readonly milliseconds: number;
      /** Of KubeadmError, stable; `unexpected` for any other error. */
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
    }
  /** When each phase ran; before the end of the run. */
  | {
      readonly type: 'timeline';
      readonly command: string;
      /** Of the run until now. */
      readonly milliseconds: number;
      /** In the order of their start. */
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
  /** `running`: it had not ended when the run did. */
  readonly outcome: 'finished' | 'failed' | 'stopped' | 'running';
  /** Phases that ran at the same time for a while. */
  readonly overlaps: readonly string[];
}

export interface TimelineWait {
  readonly phase: string;
  readonly for: string;
  /** Milliseconds since the start of the run. */
  readonly start: number;
  readonly milliseconds: number;
}

/** Events of the runner, around those of the phases. */
export type PhaseEvent =
  /** Full names of the phases that will run, in listed order. */
  | { readonly type: 'phases-selected'; readonly phases: readonly string[] }
  | { readonly type: 'phase-started'; readonly phase: string }
  | { readonly type: 'phase-finished'; readonly phase: string; readonly milliseconds: number }
  | { readonly type: 'phase-failed'; readonly phase: string; readonly message: string }
  /** It had to stop, because another phase failed or the user interrupted the run. */
  | { readonly type: 'phase-stopped'; readonly phase: string };

export type GeneralEvent =
  /** Something the user should know; goes to stderr. `code` is stable (warnings.md has its meaning), the text is not. */
  | {
      readonly type: 'warning';
      readonly code: WarningCode;
      /** Stands in brackets before the message. */
      readonly topic?: string;
      readonly message: string;
    }
  /** A flag stood on the command line that will go; goes to stderr as it is. */
  | { readonly type: 'flag-deprecated'; readonly message: string }
  /** Detail, shown from `-v <verbosity>` on; goes to stderr. */
  | {
      readonly type: 'detail';
      readonly verbosity: number;
      /** Stands in brackets before the message. */
      readonly topic?: string;
      readonly message: string;
    }
  /** A progress line of a phase: `[topic] message` on stdout. For lines with no data of their own. */
  | { readonly type: 'progress'; readonly topic: string; readonly message: string }
  /** A result that goes to stdout as it is (YAML of a dry run, a key that was asked for). */
  | { readonly type: 'output'; readonly text: string }
  /** A wait begins; `timeoutMs` is its deadline. */
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

/** Key pairs that are made beforehand; outside of any phase. */
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
  /** kubeadm cannot stop or start the kubelet here: that is up to the user. */
  | {
      readonly type: 'kubelet-unmanaged';
      readonly action: 'stop' | 'start';
      readonly reason: 'no-init-system' | 'no-service' | 'failed';
    }
  | { readonly type: 'kubelet-starting' };

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
  /** The ConfigMap kubeadm-config is about to be read. */
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

export type InitEvent =
  | { readonly type: 'kubernetes-version'; readonly version: string }
  | { readonly type: 'control-plane-initialized'; readonly text: string };

export type DryRunEvent =
  | { readonly type: 'would-write'; readonly path: string; readonly content: string }
  | { readonly type: 'would-call'; readonly text: string; readonly object?: string };

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
  | InitEvent
  | DryRunEvent;

/** An event with its phase and its time, as renderers get it. */
export interface RecordedEvent {
  /** Milliseconds since the start of the run. */
  readonly at: number;
  /** Full name of the phase that reports; undefined outside phases. */
  readonly phase: string | undefined;
  readonly event: KubeadmEvent;
}

export type Emit = (event: KubeadmEvent) => void;
