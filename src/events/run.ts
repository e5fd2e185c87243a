/** Events about a run and its phases. */

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
