import type { JoinPhase } from './input.ts';
import { notBuilt } from './not-built.ts';

/** Source: cmd/phases/join/waitcontrolplane.go. */
export const waitControlPlane: JoinPhase = {
  name: 'wait-control-plane',
  short: 'Wait until the control plane is up',
  arguments: { usage: '', maximum: 1 },
  flags: [],
  inDryRun: 'skip',
  run: notBuilt,
};
