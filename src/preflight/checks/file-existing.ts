import { messageOf } from '../../errors.ts';
import { type Check, fail, nameWithPath, passed } from '../check.ts';

/** Fails unless the program is in the PATH. Source: preflight/checks.go InPathCheck. */
export function programExisting(program: string, neededFor: string): Check {
  return {
    name: nameWithPath('FileExisting', program),
    check: async ({ exec }) => {
      if ((await exec.find(program)) !== undefined) return passed;
      return fail(`${program} not found in the system path; it is needed ${neededFor}`);
    },
  };
}

/** Fails unless there is a file at the path. Source: preflight/checks.go FileExistingCheck. */
export function fileExisting(path: string, name: string = nameWithPath('FileExisting', path)): Check {
  return {
    name,
    check: async ({ files }) => {
      try {
        return (await files.stat(path)) === undefined ? fail(`${path} doesn't exist`) : passed;
      } catch (error) {
        return fail(`${path} cannot be looked at: ${messageOf(error)}`);
      }
    },
  };
}
