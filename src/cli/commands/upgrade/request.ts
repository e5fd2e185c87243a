/** The flags that the sub-commands of `upgrade` share. */
import { KubeadmError } from '../../../errors.ts';
import { defined } from '../../../lib/defined.ts';
import type { UpgradeRequest } from '../../../phases/upgrade/request.ts';
import type { Invocation } from '../../command.ts';
import type { GivenFlags } from '../../flag-values.ts';

/** @param only full names of the phases to run; defaults to all phases of the command */
export function upgradeRequest({ flags }: Invocation, only: readonly string[] | undefined): UpgradeRequest {
  const given: GivenFlags = flags.given;
  return defined({
    configPath: given.config,
    only,
    skip: given['skip-phases'],
    dryRun: given['dry-run'],
    etcdUpgrade: given['etcd-upgrade'],
    certificateRenewal: given['certificate-renewal'],
    ignorePreflightErrors: given['ignore-preflight-errors'],
    kubeconfig: given.kubeconfig,
    patchesDir: given.patches,
  });
}

/**
 * Returns the version if it is the only argument. As upstream, several arguments have no effect beside a version in the
 * configuration. Without one, the command then misses its version.
 */
export function versionArgument(words: readonly string[]): string | undefined {
  const [version] = words;
  if (version === '') {
    throw new KubeadmError('usage', 'the version is empty', { hint: 'Write a release such as v1.36.2.' });
  }
  return words.length === 1 ? version : undefined;
}
