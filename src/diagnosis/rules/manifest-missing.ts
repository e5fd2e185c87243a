import { manifestPath, manifestsDir } from '../../names.ts';
import type { Rule } from '../finding.ts';

export const manifestMissing: Rule = {
  name: 'manifest-missing',
  title: 'The manifest of a static Pod is missing',
  proof:
    'The machine is a control plane, and the file of the static Pod is not in /etc/kubernetes/manifests.',
  cure: 'Put the manifest back, or write it again with the phases of `kubeadm init` or `kubeadm join`.',
  find: ({ machine }) =>
    (machine?.missingManifests ?? []).map((name) => ({
      code: 'container-failed',
      component: name,
      // An upgrade or a user may be about to put it back.
      certainty: 'likely',
      summary: `${name} does not run, because its manifest ${manifestPath(name)} does not exist`,
      evidence: [],
      remedy: {
        kind: 'steps',
        text: `Put the manifest back into ${manifestsDir}, or write it again with the configuration of this node`,
        commands: [
          `ls -l ${manifestsDir} /etc/kubernetes/tmp`,
          name === 'etcd'
            ? 'kubeadm init phase etcd local --config FILE'
            : `kubeadm init phase control-plane ${name.replace('kube-', '')} --config FILE`,
        ],
      },
    })),
};
