import { toYaml } from '../../lib/yaml-write.ts';
import type { Invocation } from '../command.ts';
import { type Flag, flag } from '../flags.ts';
import { usage } from '../parse.ts';

/** Flags of the commands that print objects. */
export const outputFlags: readonly Flag[] = [
  flag('allow-missing-template-keys'),
  flag('output'),
  flag('show-managed-fields'),
];

const formats = ['json', 'text', 'yaml'];

/**
 * Prints a result for people (`text`) or for programs. In JSON the fields keep their order and are indented by
 * four; in YAML they are sorted, and each further object follows a line `---`. The format is read in any case.
 *
 * @throws KubeadmError code `usage` for a format that is not there
 */
export function printObject(
  { flags, output }: Pick<Invocation, 'flags' | 'output'>,
  result: { readonly text: string; readonly objects: readonly object[] },
): void {
  const format = flags.string('output');
  switch (format.toLowerCase()) {
    case 'text':
      output.stdout(result.text);
      return;
    case 'json':
      for (const object of result.objects) output.stdout(`${JSON.stringify(object, null, 4)}\n`);
      return;
    case 'yaml':
      output.stdout(result.objects.map(toYaml).join('---\n'));
      return;
    default:
      throw usage(
        'could not construct output printer: unable to match a printer suitable for the output format ' +
          `${JSON.stringify(format)}, allowed formats are: ${formats.join(',')}`,
      );
  }
}
