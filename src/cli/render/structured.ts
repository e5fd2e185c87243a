import { KubeadmError } from '../../errors.ts';
import { goJson } from '../../lib/go/json.ts';
import { toKyaml } from '../../lib/yaml/kyaml.ts';
import { toYaml } from '../../lib/yaml/write.ts';
import type { Output } from './output.ts';

/** The function of a template returns the text of one object. */
export type OutputFormat = 'json' | 'kyaml' | 'text' | 'yaml' | ((object: object) => string);

export interface PrintedResult {
  readonly text: string;
  readonly objects: readonly object[];
  /** How an error of a template begins. Defaults to nothing. */
  readonly failure?: string;
}

/**
 * Prints a result for people (`text`) or for programs. JSON keeps the order of the fields, with an indent of four spaces.
 * YAML sorts the fields, and a line `---` separates the objects. KYAML begins each object with such a line. Nothing is
 * between the texts of a template.
 *
 * @throws KubeadmError if a template does not fit; nothing is printed then
 */
export function printResult(output: Output, format: OutputFormat, result: PrintedResult): void {
  switch (format) {
    case 'text':
      output.stdout(result.text);
      return;
    case 'json':
      for (const object of result.objects) output.stdout(`${goJson(object, 4)}\n`);
      return;
    case 'kyaml':
      output.stdout(result.objects.map(toKyaml).join(''));
      return;
    case 'yaml':
      output.stdout(result.objects.map(toYaml).join('---\n'));
      return;
    default:
      output.stdout(withTemplate(format, result));
  }
}

function withTemplate(format: (object: object) => string, { failure, objects }: PrintedResult): string {
  try {
    return objects.map(format).join('');
  } catch (error) {
    if (failure === undefined || !(error instanceof KubeadmError)) throw error;
    const { hint } = error;
    throw new KubeadmError(error.code, `${failure}: ${error.message}`, hint === undefined ? {} : { hint });
  }
}
