import type { CertificateSource } from '../../../commands/certificate-source.ts';
import type { CommandFlags } from '../../flag-values.ts';

/** The flags that name the configuration of the cluster. */
export const sourceFlags = ['cert-dir', 'config', 'kubeconfig'] as const;

export type SourceFlag = (typeof sourceFlags)[number];

export function sourceOf(flags: CommandFlags<SourceFlag>): CertificateSource {
  const configPath = flags.value('config');
  return {
    ...(configPath === '' ? {} : { configPath }),
    kubeconfig: flags.value('kubeconfig'),
    certificatesDir: flags.value('cert-dir'),
  };
}
