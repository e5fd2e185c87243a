/** The versions of what runs in a cluster. Source: cmd/kubeadm/app/phases/upgrade/{versiongetter,compute}.go. */

import { KubeadmError } from '../errors.ts';
import {
  compareSemanticVersions,
  parseSemanticVersion,
  type SemanticVersion,
} from '../lib/semantic-version.ts';

/** The names of the nodes that run each version. */
export type NodesByVersion = ReadonlyMap<string, readonly string[]>;

export interface ClusterVersions {
  readonly kubelets: NodesByVersion;
  readonly kubeApiserver: NodesByVersion;
  readonly kubeControllerManager: NodesByVersion;
  readonly kubeScheduler: NodesByVersion;
  /** It is empty with an external etcd. */
  readonly etcd: NodesByVersion;
  /** The tag of the image of CoreDNS; empty without CoreDNS. */
  readonly coredns: string;
}

/** Groups nodes by version. The nodes of a version keep their order. */
export function nodesByVersion(
  pairs: readonly { readonly version: string; readonly node: string }[],
): NodesByVersion {
  return new Map(
    [...new Set(pairs.map(({ version }) => version))].map((version) => [
      version,
      pairs.filter((pair) => pair.version === version).map(({ node }) => node),
    ]),
  );
}

/**
 * The newest version of an API server.
 *
 * @throws KubeadmError `refused` if there is no API server, or one whose tag is not a version
 */
export function newestVersion(versions: NodesByVersion): SemanticVersion {
  const parsed = [...versions].map(([text, nodes]) => {
    const version = parseSemanticVersion(text);
    if (version !== undefined) return version;
    const where = nodes.join(', ');
    throw new KubeadmError('refused', `the version of kube-apiserver on ${where} cannot be read: "${text}"`, {
      hint: 'Give the images of the control plane the version of Kubernetes as their tag.',
    });
  });
  const [newest] = parsed.toSorted((a, b) => compareSemanticVersions(b, a));
  if (newest !== undefined) return newest;
  throw new KubeadmError('refused', 'the cluster has no Pod of kube-apiserver, so its version is not known', {
    hint: 'Check the Pods with the label component=kube-apiserver in kube-system.',
  });
}
