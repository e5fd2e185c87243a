/** The document that `--output-result` writes at the end of `init` or `join`, with the secrets of the run. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { RecordedEvent } from '../events.ts';
import type { InitResult } from '../phases/init/run.ts';
import type { JoinResult } from '../phases/join/run.ts';
import type { Timeline } from './render/timeline.ts';

/** It grows when a field goes away or changes its meaning. A new field does not change it. */
const resultSchemaVersion = 1;

export interface ResultDocument extends ResultFields {
  readonly schema: typeof resultSchemaVersion;
  /** The words of the command without `kubeadm`, such as `init phase certs`. */
  readonly command: string;
  readonly outcome: 'succeeded' | 'failed';
  /** The duration of the run. */
  readonly milliseconds: number;
  /** It is missing if the run failed before it knew the name. */
  readonly nodeName?: string;
  /** The selected phases in listed order. */
  readonly phases: readonly PhaseOutcome[];
  /** It is missing if the run succeeded. */
  readonly error?: ResultError;
}

interface PhaseOutcome {
  readonly phase: string;
  readonly outcome: Timeline['phases'][number]['outcome'] | 'not-started';
  /** It is missing if the phase did not start. */
  readonly milliseconds?: number;
}

interface ResultError {
  /** The stable code of a KubeadmError, or `unexpected` for any other error. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** The full name of the phase that failed. */
  readonly phase?: string;
}

/** The fields of a run that succeeded. */
export interface ResultFields {
  readonly kubernetesVersion?: string;
  /** The path of the administrator's kubeconfig. */
  readonly kubeconfig?: string;
  readonly certificatesDir?: string;
  /** How other nodes join. It is missing if the run did not show it. */
  readonly join?: {
    /** The address of the API server, such as `10.0.0.5:6443`. */
    readonly endpoint: string;
    readonly token: string;
    /** `sha256:…` of each CA. */
    readonly caCertHashes: readonly string[];
  };
  /** The key of the uploaded certificates. It is missing if none were uploaded. */
  readonly certificateKey?: string;
  /** Whether `join` made the node a control plane. */
  readonly controlPlane?: boolean;
  /** The directory that has the files of a dry run. */
  readonly dryRunDirectory?: string;
}

export function initFields(result: InitResult): ResultFields {
  const { certificateKey, certificatesDir, dryRun, join, kubeconfig, kubernetesVersion } = result;
  return {
    kubernetesVersion,
    kubeconfig,
    certificatesDir,
    ...(join === undefined
      ? {}
      : {
          join: {
            endpoint: join.endpoint,
            token: join.token.reveal(),
            caCertHashes: join.caCertHashes,
          },
        }),
    ...(certificateKey === undefined ? {} : { certificateKey: certificateKey.reveal() }),
    ...directoryOf(dryRun),
  };
}

export function joinFields({ controlPlane, dryRun }: JoinResult): ResultFields {
  return { controlPlane, ...directoryOf(dryRun) };
}

function directoryOf(dryRun: InitResult['dryRun']): Pick<ResultFields, 'dryRunDirectory'> {
  return dryRun === undefined ? {} : { dryRunDirectory: dryRun.directory };
}

export interface FinishedRun {
  readonly command: string;
  readonly events: readonly RecordedEvent[];
  readonly timeline: Timeline;
  /** It is undefined if the run succeeded. */
  readonly error: unknown;
  readonly fields: ResultFields;
}

export function resultDocument({ command, error, events, fields, timeline }: FinishedRun): ResultDocument {
  const nodeName = events.findLast(({ event }) => event.type === 'node-name')?.event;
  return {
    schema: resultSchemaVersion,
    command,
    outcome: error === undefined ? 'succeeded' : 'failed',
    milliseconds: timeline.milliseconds,
    ...(nodeName?.type === 'node-name' ? { nodeName: nodeName.node } : {}),
    ...fields,
    phases: outcomesOf(events, timeline),
    ...(error === undefined ? {} : { error: describedError(error) }),
  };
}

function outcomesOf(events: readonly RecordedEvent[], timeline: Timeline): readonly PhaseOutcome[] {
  const selected = events.findLast(({ event }) => event.type === 'phases-selected')?.event;
  if (selected?.type !== 'phases-selected') return [];
  const ran = new Map(timeline.phases.map((own) => [own.phase, own]));
  return selected.phases.map((phase) => {
    const own = ran.get(phase);
    if (own === undefined) return { phase, outcome: 'not-started' };
    return { phase, outcome: own.outcome, milliseconds: own.milliseconds };
  });
}

/** Describes an error of a run as data. The cause counts if only that is a KubeadmError. */
export function describedError(error: unknown): ResultError {
  const cause = error instanceof Error && error.cause instanceof KubeadmError ? error.cause : undefined;
  const known = error instanceof KubeadmError ? error : cause;
  const phase = known?.details.phase;
  return {
    code: known?.code ?? 'unexpected',
    message: messageOf(error),
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
    ...(typeof phase === 'string' ? { phase } : {}),
  };
}
