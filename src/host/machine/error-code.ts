import { FileError } from '../../errors.ts';

/** `ENOENT` and the like; undefined for errors that are not the system's. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof FileError || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
