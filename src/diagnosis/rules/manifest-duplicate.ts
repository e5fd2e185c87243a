import { manifestPath, manifestsDir } from '../../names.ts';
import type { Rule } from '../finding.ts';

export const manifestDuplicate: Rule = {
  name: 'manifest-duplicate',
  title: 'A static Pod has two manifests',
  // The kubelet may ignore the second manifest.
  explainsSymptoms: false,
  proof:
    'The directory of manifests has another file with a Pod of the same name, such as a copy with the suffix `.bak`. The kubelet reads each file whose name does not begin with a dot, and runs only one Pod of each name. This does not end a wait.',
  cure: 'Move the other file out of /etc/kubernetes/manifests.',
  find: ({ machine }) =>
    (machine?.duplicateManifests ?? []).map(({ component, path }) => ({
      code: 'container-failed',
      // The component can have a fault of its own, which this one must not hide.
      component: path,
      certainty: 'likely',
      summary: `the file ${path} is a second manifest of ${component}, so the kubelet may run this one and ignore ${manifestPath(component)}`,
      evidence: [],
      remedy: {
        kind: 'steps',
        text: `Move ${path} out of ${manifestsDir}, also if it is a backup: the kubelet reads every file there whose name does not begin with a dot`,
        commands: [`mv ${path} /root/`],
      },
    })),
};
