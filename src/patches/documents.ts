/** One document of a file with several. */
export interface PatchDocument {
  readonly text: string;
  /** Counts from 1. */
  readonly document: number;
  /** Line of the file on which the text begins, from 1. */
  readonly line: number;
}

/**
 * The documents between lines of `---`; those without text are left out, but counted.
 *
 * @throws Error for a line that begins with `---` and goes on with anything but a comment
 */
export function splitPatchDocuments(text: string): readonly PatchDocument[] {
  const documents: PatchDocument[] = [];
  let lines: string[] = [];
  let begin = 1;
  let document = 1;
  const close = (): void => {
    const body = lines.join('\n');
    if (body.trim() !== '') documents.push({ text: body, document, line: begin });
  };
  text.split('\n').forEach((line, index) => {
    if (!line.startsWith('---')) {
      lines.push(line);
      return;
    }
    if (!/^---\s*(#.*)?$/.test(line)) {
      throw new Error(`line ${index + 1}: documents are parted by a line of --- alone, not "${line.trim()}"`);
    }
    close();
    // A separator at the very top opens the first document.
    if (index > 0) document++;
    lines = [];
    begin = index + 2;
  });
  close();
  return documents;
}
