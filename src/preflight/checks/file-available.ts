import { messageOf } from '../../errors.ts';
import { type Check, fail, nameWithPath, passed } from '../check.ts';

/** Fails if there is something at the path. Source: preflight/checks.go FileAvailableCheck. */
export function fileAvailable(path: string): Check {
  return {
    name: nameWithPath('FileAvailable', path),
    check: async ({ files }) => {
      const stat = await files.stat(path).catch((error: unknown) => messageOf(error));
      // As in upstream, a path that cannot be read counts as absent. The later write reports the problem.
      if (stat === undefined || typeof stat === 'string') return passed;
      return fail(`${path} already exists: this node is, or was, part of a cluster`);
    },
  };
}
