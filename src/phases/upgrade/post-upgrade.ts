import type { UpgradePhase } from './input.ts';

/** In this release, nothing is left to do. Source: cmd/phases/upgrade/postupgrade.go. */
export const postUpgrade: UpgradePhase = {
  name: 'post-upgrade',
  short: 'Run post upgrade tasks',
  flags: ['config', 'dry-run', 'kubeconfig'],
  run: async () => undefined,
};
