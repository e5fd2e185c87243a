import { describe, expect, test } from 'vitest';
import { splitPatchDocuments } from './documents.ts';

describe('splitPatchDocuments', () => {
  test('parts a file at lines of ---, and knows the first line of each document', () => {
    expect(splitPatchDocuments('---\na: 1\n---   \n\n--- # second\nb: 2\nc: 3\n')).toEqual([
      { text: 'a: 1', document: 1, line: 2 },
      { text: 'b: 2\nc: 3\n', document: 3, line: 6 },
    ]);
  });

  test('takes a file without separators as one document', () => {
    expect(splitPatchDocuments('a: 1')).toEqual([{ text: 'a: 1', document: 1, line: 1 }]);
    expect(splitPatchDocuments('\n \n')).toEqual([]);
  });

  test('refuses text after a separator', () => {
    expect(() => splitPatchDocuments('a: 1\n--- b: 2\n')).toThrow('line 2');
  });
});
