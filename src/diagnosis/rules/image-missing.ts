import type { Facts, PullFailure } from '../facts.ts';
import type { Rule } from '../finding.ts';
import { pullReason } from '../logs/pull-reason.ts';

/** The image must still be missing so long after the kubelet's failure. */
const patienceMs = 5_000;

export const imageMissing: Rule = {
  name: 'image-missing',
  title: 'An image is not available',
  proof:
    'The kubelet could not pull the image, and it is still missing 5 s later. A pull by kubeadm was refused or found no registry. With imagePullPolicy Never, kubeadm does not pull.',
  cure: "Correct the image's name, give access to the registry, or put the image on the node.",
  find: (facts) => {
    const proved = facts.pulls.filter((pull) => isProved(facts, pull));
    const first = proved.filter(({ image }, at) => proved.findIndex((other) => other.image === image) === at);
    return first.map(({ image, message, never }) => {
      const component = /([^/@:]+)(?:[:@][^/]*)?$/.exec(image)?.[1] ?? image;
      return {
        code: 'image-missing',
        component,
        certainty: 'certain',
        summary: `the image ${image} is not on this node and cannot be pulled${pullReason(message)}`,
        evidence: [message],
        remedy: { kind: 'image', image, never },
        ...(never ? {} : { unlessPulled: image }),
      };
    });
  },
};

function isProved(facts: Facts, { at, image }: PullFailure): boolean {
  return facts.absentImages.includes(image) && facts.elapsedMs - at >= patienceMs;
}
