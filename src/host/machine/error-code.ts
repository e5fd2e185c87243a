import { KubeadmError } from '../../errors.ts';

/** The code of a system error, such as `ENOENT`; undefined for other errors. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof KubeadmError || !('code' in error)) return undefined;
  // The runtime itself refuses a path with a NUL byte. The kernel has no such path, and Go returns EINVAL.
  if (error.code === 'ERR_INVALID_ARG_VALUE') return 'EINVAL';
  return typeof error.code === 'string' ? error.code : undefined;
}
