import { KubeadmError } from '../../errors.ts';

/** The code of a system error, such as `ENOENT`; undefined for other errors. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof KubeadmError || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
