/** Limits of the kernel whose errors read as if the disk were full, or as if the program had too many files open. */

export interface KernelLimit {
  /** The name of the sysctl. */
  readonly sysctl: string;
  /** The limited resource, in the words of inotify(7). */
  readonly limits: string;
}

/** The wording of k8s.io/utils/inotify, of fsnotify in containerd, and of kube-proxy, which watches its configuration. */
const watching = 'inotify|fsnotify|conf monitor|failed to watch|failed complete: ';

const limits: readonly (KernelLimit & { readonly pattern: RegExp })[] = [
  {
    sysctl: 'fs.inotify.max_user_instances',
    limits: 'inotify instances',
    pattern: new RegExp(`(?:${watching}).*?too many open files`),
  },
  {
    sysctl: 'fs.inotify.max_user_watches',
    limits: 'inotify watches',
    pattern: new RegExp(`(?:${watching}).*?no space left on device`),
  },
];

/** The limit that a program has met, by the reason that it gives for its end. */
export function kernelLimit(reason: string): KernelLimit | undefined {
  return limits.find(({ pattern }) => pattern.test(reason));
}

/** The reason with the limit that it does not name. */
export function withKernelLimit(reason: string): string {
  const limit = kernelLimit(reason);
  return limit === undefined || reason.includes(limit.sysctl)
    ? reason
    : `${reason} (the kernel allows no more ${limit.limits}: ${limit.sysctl})`;
}
