import { codeOf } from '../error-code.ts';

/** Returns the result of `work`; undefined if the file or a folder in its path does not exist. */
export function undefinedWhenMissing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
