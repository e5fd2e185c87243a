import type { KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host/host.ts';
import type { Phase } from '../../workflow/phase.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import type { InitInput } from './input.ts';

/** A phase of `kubeadm init`. */
export type InitPhase = Phase<InitInput, Host, KubeadmEvent, PhaseFlag>;
