import { messageOf, usageError } from '../errors.ts';
import type { Host } from '../host.ts';
import { goQuote } from '../lib/go/quote.ts';
import type { CommandFlags } from './flag-values.ts';
import type { OutputFormat } from './render/structured.ts';

/** Flags of the commands that print objects. */
export const outputFlags = ['allow-missing-template-keys', 'output', 'show-managed-fields'] as const;

export type OutputFlag = (typeof outputFlags)[number];

/** The formats that need a template behind an equals sign. */
const templateFormats = {
  'go-template': { language: 'go', file: false, asJson: false },
  'go-template-file': { language: 'go', file: true, asJson: false },
  jsonpath: { language: 'jsonpath', file: false, asJson: false },
  'jsonpath-as-json': { language: 'jsonpath', file: false, asJson: true },
  'jsonpath-file': { language: 'jsonpath', file: true, asJson: false },
  template: { language: 'go', file: false, asJson: false },
  templatefile: { language: 'go', file: true, asJson: false },
} as const;

/** A larger file is not a template. */
const maximumTemplateBytes = 1 << 20;

interface OutputHost {
  readonly files: Pick<Host['files'], 'read'>;
  readonly system: Pick<Host['system'], 'environment'>;
}

/**
 * Returns the format of `-o`. The names json, yaml and kyaml can be in upper or lower case. `--show-managed-fields` has no
 * effect because the objects have no such fields. Source: cmd/kubeadm/app/util/output, cli-runtime/pkg/genericclioptions.
 *
 * @throws KubeadmError code `usage` for an unknown format, and for a template that is missing or not valid
 */
export async function outputFormat(
  flags: CommandFlags<OutputFlag>,
  { files, system }: OutputHost,
): Promise<OutputFormat> {
  const asked = flags.value('output');
  if (asked === 'text') return asked;
  const withKyaml = system.environment().KUBECTL_KYAML?.toLowerCase() !== 'false';
  const names = withKyaml ? (['json', 'kyaml', 'yaml'] as const) : (['json', 'yaml'] as const);
  const match = names.find((name) => name === asked.toLowerCase());
  if (match !== undefined) return match;
  const [name = '', ...rest] = asked.split('=');
  if (!Object.hasOwn(templateFormats, name)) {
    const allowed = [...Object.keys(templateFormats), ...names, 'text'].sort().join(',');
    throw usageError(
      'could not construct output printer: unable to match a printer suitable for the output format ' +
        `${goQuote(asked)}, allowed formats are: ${allowed}`,
    );
  }
  const { asJson, file, language } = templateFormats[name as keyof typeof templateFormats];
  const value = rest.join('=');
  if (value === '')
    throw usageError(
      'could not construct output printer: template format specified but no template given',
      `Write the ${file ? 'path of the template' : 'template'} behind an equals sign: -o ${name}=…`,
    );
  const template = file ? await readTemplate(files, value) : value;
  const options = { failOnMissingKey: !flags.value('allow-missing-template-keys') };
  const { goTemplateFormat, jsonPathFormat } = await import('./render/template-format.ts');
  return language === 'go'
    ? goTemplateFormat(template, options)
    : jsonPathFormat(template, { ...options, asJson });
}

async function readTemplate(files: OutputHost['files'], path: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      await files.read(path, { maxBytes: maximumTemplateBytes }),
    );
  } catch (error) {
    throw usageError(
      `could not construct output printer: error reading --template ${path}, ${messageOf(error)}`,
    );
  }
}
