import { codeOf } from '../error-code.ts';

/** The result of `work`; undefined when the file, or a folder on the way to it, is not there. */
export function undefinedWhenMissing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
