import { KubeadmError } from '../errors.ts';
import type { CommandFlags } from './flag-values.ts';
import { usage } from './parse.ts';
import type { OutputFormat } from './render/structured.ts';

/** Flags of the commands that print objects. */
export const outputFlags = ['allow-missing-template-keys', 'output', 'show-managed-fields'] as const;

export type OutputFlag = (typeof outputFlags)[number];

const formats = ['json', 'text', 'yaml'] as const;

/** Formats that only upstream has. Each can have a text after an equals sign. */
const missing = [
  'go-template',
  'go-template-file',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'kyaml',
  'template',
  'templatefile',
];

/**
 * Returns the format of `-o`, which can be in upper or lower case. `--show-managed-fields` has no effect because the
 * objects have no such fields. `--allow-missing-template-keys` only affects templates. Both are accepted, as upstream.
 *
 * @throws KubeadmError code `usage` for a format that is unknown, or that only upstream has
 */
export function outputFormat(flags: CommandFlags<OutputFlag>): OutputFormat {
  const asked = flags.value('output');
  const match = formats.find((format) => format === asked.toLowerCase());
  if (match !== undefined) return match;
  const [name = ''] = asked.split('=');
  if (missing.includes(name.toLowerCase())) throw notHere(name, flags.changed);
  throw usage(
    'could not construct output printer: unable to match a printer suitable for the output format ' +
      `${JSON.stringify(asked)}, allowed formats are: ${formats.join(',')}`,
  );
}

function notHere(format: string, changed: ReadonlySet<string>): KubeadmError {
  const also = changed.has('allow-missing-template-keys')
    ? ' --allow-missing-template-keys has no use without templates.'
    : '';
  return new KubeadmError('usage', `this kubeadm has no output format ${format}`, {
    hint: `Use -o json or -o yaml, and take the fields out with a tool such as jq.${also}`,
  });
}
