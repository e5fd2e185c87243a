/** The rules. The ones that explain most come first: no Pod starts without a kubelet, and no container without a sandbox. */
import type { Rule } from '../cause.ts';
import { crashLoop } from './crash-loop.ts';
import { imageMissing } from './image-missing.ts';
import { invalidFlagValue } from './invalid-flag-value.ts';
import { kubeletExits } from './kubelet-exits.ts';
import { kubeletWithoutConfig } from './kubelet-without-config.ts';
import { sandboxFailed, sandboxImageMissing } from './sandbox-failed.ts';
import { unknownAdmissionPlugin } from './unknown-admission-plugin.ts';
import { unknownFlag } from './unknown-flag.ts';

export const rules: readonly Rule[] = [
  kubeletWithoutConfig,
  kubeletExits,
  sandboxImageMissing,
  sandboxFailed,
  imageMissing,
  unknownFlag,
  invalidFlagValue,
  unknownAdmissionPlugin,
  crashLoop,
];
