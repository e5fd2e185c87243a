/** The build fills this in (`bun build --define`, tools/build.ts). It is undefined if kubeadm runs from source. */
declare const KUBEADM_BUILD: BuildInfo | undefined;

export interface BuildInfo {
  /** Version of this project, not of Kubernetes. */
  readonly version: string;
  readonly commit: string;
  /** `clean`, `dirty`, or `archive` for a source without a git checkout. It is empty if kubeadm runs from source. */
  readonly treeState: string;
  /** RFC 3339. */
  readonly date: string;
  readonly runtime: string;
  /** The name that Go has for the platform, such as `linux/amd64`. */
  readonly platform: string;
}

export const buildInfo: BuildInfo =
  typeof KUBEADM_BUILD === 'undefined' || KUBEADM_BUILD === undefined
    ? { version: 'source', commit: '', treeState: '', date: '', runtime: 'source', platform: 'linux/amd64' }
    : KUBEADM_BUILD;
