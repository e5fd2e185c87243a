/** One document of a file. */
export interface PatchDocument {
  readonly text: string;
  /** The number of the document, counted from 1. */
  readonly document: number;
  /** The line of the file on which the text begins, counted from 1. */
  readonly line: number;
}

/**
 * The documents between lines of `---`. Empty ones are omitted, but they count for the numbers.
 *
 * @throws Error for a line that begins with `---` and continues with something else than a comment
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
    // A separator at the begin of the file opens the first document.
    if (index > 0) document++;
    lines = [];
    begin = index + 2;
  });
  close();
  return documents;
}
