import { KubeadmError } from '../../errors.ts';

/** `ENOENT` and the like; undefined for errors that are not the system's. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof KubeadmError || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
