import type { RenewalSource } from '../../../cluster/renewal-configuration.ts';
import { type Flag, flag } from '../../flags.ts';
import type { FlagValues } from '../../parse.ts';

/** Where the commands find the configuration of the cluster. */
export const sourceFlags: readonly Flag[] = [flag('cert-dir'), flag('config'), flag('kubeconfig')];

export function sourceOf(flags: FlagValues): RenewalSource {
  const configPath = flags.string('config');
  return {
    ...(configPath === '' ? {} : { configPath }),
    kubeconfig: flags.string('kubeconfig'),
    certificatesDir: flags.string('cert-dir'),
  };
}
