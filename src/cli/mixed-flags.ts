import { usageError } from '../errors.ts';
import type { CommandFlags, GivenFlags } from './flag-values.ts';

/** Flags that may stand beside `--config` (upstream: apis/kubeadm/validation ValidateMixedArguments). */
const allowed: ReadonlySet<string> = new Set([
  'config',
  'ignore-preflight-errors',
  'dry-run',
  'kubeconfig',
  'node-name',
  'kubeconfig-dir',
  'upload-certs',
  'print-manifest',
  'allow-missing-template-keys',
  'output',
  'show-managed-fields',
  'print-join-command',
  'rootfs',
  'v',
  'log-file',
  'yes',
  // Upstream does not have these flags. The configuration has no field for them.
  'all',
  'output-events',
  'output-result',
  'timeline',
]);

/** @throws KubeadmError code `usage` if a flag beside `--config` has a value that belongs in the configuration file */
export function refuseMixedFlags({ changed, given }: CommandFlags<never>): void {
  if (!changed.has('config')) return;
  const mixed = [...changed].sort().filter((name) => !allowed.has(name) && !name.startsWith('skip-'));
  if (mixed.length === 0) return;
  const { config: file = 'the configuration file' }: GivenFlags = given;
  throw usageError(
    `can not mix '--config' with arguments [${mixed.join(' ')}]`,
    `put ${mixed.length === 1 ? 'that value' : 'those values'} into ${file}, or leave out --config`,
  );
}
