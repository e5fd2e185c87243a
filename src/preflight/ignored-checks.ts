import { KubeadmError } from '../errors.ts';

/**
 * Names of checks whose errors count as warnings: lower case, each once, sorted; or `all` alone.
 * Source: cmd/kubeadm/app/apis/kubeadm/validation ValidateIgnorePreflightErrors.
 *
 * @throws KubeadmError code `usage` for `all` beside others
 */
export function ignoredChecks(given: readonly string[]): readonly string[] {
  const names = [...new Set(given.map((name) => name.toLowerCase()))].sort();
  if (names.includes('all') && names.length > 1) {
    throw new KubeadmError('usage', "don't specify individual checks if 'all' is used", {
      hint: `remove ${names.filter((name) => name !== 'all').join(', ')}, or remove all`,
    });
  }
  return names;
}
