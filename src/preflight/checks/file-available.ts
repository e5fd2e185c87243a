import { messageOf } from '../../errors.ts';
import { type Check, fail, nameWithPath, passed } from '../check.ts';

/** Error when something is at the path. Source: preflight/checks.go FileAvailableCheck. */
export function fileAvailable(path: string): Check {
  return {
    name: nameWithPath('FileAvailable', path),
    check: async ({ files }) => {
      const stat = await files.stat(path).catch((error: unknown) => messageOf(error));
      // What cannot be looked at counts as absent, as upstream: writing it will say what is wrong.
      if (stat === undefined || typeof stat === 'string') return passed;
      return fail(`${path} already exists: this node is, or was, part of a cluster`);
    },
  };
}
