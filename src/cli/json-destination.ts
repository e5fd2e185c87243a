import { usageError } from '../errors.ts';
import type { CommandFlags } from './flag-values.ts';

const forms = {
  'output-events': 'use json (on standard error) or json=<file>',
  'output-result': 'use json=<file>, and json=/dev/fd/3 for a descriptor of the program that starts kubeadm',
} as const;

/**
 * Reads `json` or `json=<file>`. Returns undefined if the flag is not set.
 *
 * @throws KubeadmError code `usage` for another form, and for a result on stderr, which all can read in the log of a job
 */
export function jsonDestination<Name extends keyof typeof forms>(
  flags: CommandFlags<Name>,
  name: Name,
): 'stderr' | { readonly file: string } | undefined {
  if (!flags.changed.has(name)) return undefined;
  const value = flags.value(name);
  if (value === 'json' && name === 'output-events') return 'stderr';
  const file = /^json=(.+)$/s.exec(value)?.[1];
  if (file === undefined) {
    const thing = name === 'output-events' ? 'events' : 'a result';
    throw usageError(`unknown form of ${thing} ${JSON.stringify(value)} for --${name}`, forms[name]);
  }
  return { file };
}
