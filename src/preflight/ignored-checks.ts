import { isAllBesideOthers } from '../config/validation/values.ts';
import { KubeadmError } from '../errors.ts';

/**
 * The names of checks whose errors count as warnings, in lower case, unique and sorted. `all` is a list of its own.
 * Source: cmd/kubeadm/app/apis/kubeadm/validation ValidateIgnorePreflightErrors.
 *
 * @throws KubeadmError `usage` for `all` beside other names
 */
export function ignoredChecks(given: readonly string[]): readonly string[] {
  const names = [...new Set(given.map((name) => name.toLowerCase()))].sort();
  if (isAllBesideOthers(names)) {
    throw new KubeadmError('usage', "don't specify individual checks if 'all' is used", {
      hint: `remove ${names.filter((name) => name !== 'all').join(', ')}, or remove all`,
    });
  }
  return names;
}
