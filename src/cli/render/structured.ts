import { toYaml } from '../../lib/yaml/write.ts';
import type { Invocation } from '../command.ts';
import { type Flag, flag } from '../flags.ts';
import { usage } from '../parse.ts';

/** Flags of the commands that print objects. */
export const outputFlags: readonly Flag[] = [
  flag('allow-missing-template-keys'),
  flag('output'),
  flag('show-managed-fields'),
];

const formats = ['json', 'text', 'yaml'] as const;

/**
 * The format that was asked for, in any case.
 *
 * @throws KubeadmError code `usage` for a format that is not there
 */
export function outputFormat({ flags }: Pick<Invocation, 'flags'>): (typeof formats)[number] {
  const asked = flags.string('output');
  const found = formats.find((format) => format === asked.toLowerCase());
  if (found !== undefined) return found;
  throw usage(
    'could not construct output printer: unable to match a printer suitable for the output format ' +
      `${JSON.stringify(asked)}, allowed formats are: ${formats.join(',')}`,
  );
}

/**
 * Prints a result for people (`text`) or for programs. In JSON the fields keep their order and are indented by
 * four; in YAML they are sorted, and each further object follows a line `---`.
 *
 * @throws KubeadmError code `usage` for a format that is not there
 */
export function printObject(
  invocation: Pick<Invocation, 'flags' | 'output'>,
  result: { readonly text: string; readonly objects: readonly object[] },
): void {
  const { output } = invocation;
  switch (outputFormat(invocation)) {
    case 'text':
      output.stdout(result.text);
      return;
    case 'json':
      for (const object of result.objects) output.stdout(`${goJson(object)}\n`);
      return;
    case 'yaml':
      output.stdout(result.objects.map(toYaml).join('---\n'));
  }
}

/** With the characters escaped that Go's encoding/json escapes. */
function goJson(object: object): string {
  return JSON.stringify(object, null, 4).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
