import { createTwoFilesPatch } from 'diff';

export interface DiffSides {
  /** The text as it is, and the label of it. */
  readonly before: { readonly label: string; readonly text: string };
  readonly after: { readonly label: string; readonly text: string };
}

/** Returns the differences as a unified diff, which `patch` can read. It is empty for equal texts. */
export function unifiedDiff({ after, before }: DiffSides, contextLines: number): string {
  if (before.text === after.text) return '';
  const patch = createTwoFilesPatch(
    before.label,
    after.label,
    before.text,
    after.text,
    undefined,
    undefined,
    {
      context: contextLines,
    },
  );
  // The library puts a line of equal signs in front, as Subversion does, and writes the length of one line.
  return patch.replace(/^=+\n/, '').replace(/^@@ .* @@$/gm, (range) => range.replaceAll(/,1(?= )/g, ''));
}
