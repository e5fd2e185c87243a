import { toYaml } from '../../lib/yaml/write.ts';
import type { Output } from './output.ts';

export type OutputFormat = 'json' | 'text' | 'yaml';

/**
 * Prints a result for people (`text`) or for programs. JSON keeps the order of the fields, with an indent of four spaces.
 * YAML sorts the fields, and a line `---` separates the objects.
 */
export function printResult(
  output: Output,
  format: OutputFormat,
  result: { readonly text: string; readonly objects: readonly object[] },
): void {
  switch (format) {
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

/** Returns JSON with the same escaped characters as Go's encoding/json. */
function goJson(object: object): string {
  return JSON.stringify(object, null, 4).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
