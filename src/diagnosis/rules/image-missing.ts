import { type Rule, sameAgain } from '../cause.ts';
import type { Facts, PullFailure } from '../facts.ts';

/** The image must still be missing so long after the kubelet's failure. */
const patienceMs = 5_000;

export const imageMissing: Rule = {
  name: 'image-missing',
  title: 'An image is not available',
  proof:
    'The kubelet could not pull the image, and it is still missing 5 s later. A pull by kubeadm was refused or found no registry. With imagePullPolicy Never, kubeadm does not pull.',
  remedy: "Correct the image's name, give access to the registry, or put the image on the node.",
  find: (facts) => {
    const failure = facts.pulls.find((pull) => isProved(facts, pull));
    if (failure === undefined) return undefined;
    const { image, message, never } = failure;
    const component = /([^/@:]+)(?:[:@][^/]*)?$/.exec(image)?.[1] ?? image;
    return {
      code: 'image-missing',
      component,
      summary: `the image ${image} is not on this node and cannot be pulled`,
      evidence: [message],
      advice: never
        ? `Put the image on this node, or let it be pulled (imagePullPolicy in a patch), ${sameAgain}`
        : `Correct the image's name (imageRepository, a patch, etcd.local.imageTag), give the node access to the registry, or put the image on this node beforehand (\`kubeadm config images pull\`), ${sameAgain}`,
      ...(never ? {} : { unlessPulled: image }),
    };
  },
};

function isProved(facts: Facts, { at, image }: PullFailure): boolean {
  return facts.absentImages.includes(image) && facts.elapsedMs - at >= patienceMs;
}
