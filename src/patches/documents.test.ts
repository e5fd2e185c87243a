import { describe, expect, test } from 'vitest';
import { splitDocuments } from './documents.ts';

describe('splitDocuments', () => {
  test('parts a file at lines of ---, and knows the first line of each document', () => {
    expect(splitDocuments('---\na: 1\n---   \n\n--- # second\nb: 2\nc: 3\n')).toEqual([
      { text: 'a: 1', document: 1, line: 2 },
      { text: 'b: 2\nc: 3\n', document: 3, line: 6 },
    ]);
  });

  test('takes a file without separators as one document', () => {
    expect(splitDocuments('a: 1')).toEqual([{ text: 'a: 1', document: 1, line: 1 }]);
    expect(splitDocuments('\n \n')).toEqual([]);
  });

  test('refuses text after a separator', () => {
    expect(() => splitDocuments('a: 1\n--- b: 2\n')).toThrow('line 2');
  });
});
