import type { JoinPhase } from './input.ts';
import { notBuilt } from './not-built.ts';

/** Source: cmd/phases/join/checketcd.go. */
export const checkEtcd: JoinPhase = {
  name: 'check-etcd',
  short: 'Check that etcd is healthy',
  hidden: true,
  selectable: true,
  run: notBuilt,
};
