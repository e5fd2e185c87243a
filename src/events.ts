/**
 * The events of a run, as a union of plain data. The renderers for text, JSON and the live view read them, and
 * cli/render/text.ts has their wording. tools/docs/event-schema.ts makes docs/reference/events.schema.json from this file
 * and from events/.
 * Only three events can contain a secret, because users ask for it: `certificate-key`, `control-plane-initialized` and
 * `would-call` of a dry run. cli/render/secrets.ts removes it before an event leaves the process.
 */
import type { CertificateEvent } from './events/certificates.ts';
import type { ClusterEvent, EtcdEvent, InitEvent, JoinEvent } from './events/cluster.ts';
import type { DryRunEvent } from './events/dry-run.ts';
import type { GeneralEvent } from './events/general.ts';
import type {
  HealthEvent,
  KeyEvent,
  KubeconfigEvent,
  KubeletEvent,
  ManifestEvent,
  PreflightEvent,
} from './events/node.ts';
import type { ResetEvent } from './events/reset.ts';
import type { PhaseEvent, RunEvent } from './events/run.ts';
import type { UpgradeEvent } from './events/upgrade.ts';

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
