/** For each rule of the diagnosis: what a user sees without it, and facts in which it finds its cause. */

import { endedExamples } from './examples/ended-components.ts';
import type { Examples } from './examples/example.ts';
import { kubeletExamples } from './examples/kubelet.ts';
import { machineExamples } from './examples/machine.ts';
import { nodeExamples } from './examples/node.ts';
import { podExamples } from './examples/pods.ts';
import { runningExamples } from './examples/running-components.ts';

export const examples: Examples = {
  ...machineExamples,
  ...kubeletExamples,
  ...podExamples,
  ...endedExamples,
  ...runningExamples,
  ...nodeExamples,
};
