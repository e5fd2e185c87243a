import { expect, test } from 'vitest';

import { proseOfCode, proseOfMarkdown, violationsOf } from './prose.ts';

test.each([
  'It waits for ever.',
  'It runs at last.',
  'It was made by chance.',
  'The answer is none.',
  'The second ones are none.',
  'The kubelet is told to stop.',
  'The image cannot be had.',
  'It treats both alike, and stops.',
])('the sentence %j has a banned pattern', (sentence) => {
  expect(violationsOf(sentence)).toHaveLength(1);
});

test.each([
  'It does this for every key.',
  'At lasting faults it ends.',
  'The result is undefined when there is none.',
  'The value is nonexistent.',
  'Both look alike.',
])('the sentence %j has no banned pattern', (sentence) => {
  expect(violationsOf(sentence)).toEqual([]);
});

test('a pattern is found across a line break of a document', () => {
  expect(violationsOf(proseOfMarkdown('One.\nIt waits for\never.'))).toMatchObject([
    { line: 2, found: 'for ever' },
  ]);
});

test('code in a document is not prose', () => {
  expect(violationsOf(proseOfMarkdown('Avoid `for ever`.\n```\nat last\n```\n'))).toEqual([]);
});

test('a pattern is found across a line break of a comment', () => {
  const code = ['const a = 1;', '/**', ' * It waits for', ' * ever.', ' */'].join('\n');
  expect(violationsOf(proseOfCode(code))).toMatchObject([{ line: 3, found: 'for ever' }]);
});

/** The pattern in two parts, because this file is checked as well. */
const phrase = ['at', 'last'].join(' ');

test.each([`run(); // runs ${phrase}`, `# runs ${phrase}`, `  /** Runs ${phrase}. */`])(
  'the comment %j is prose',
  (code) => {
    expect(violationsOf(proseOfCode(code))).toMatchObject([{ line: 1, found: phrase }]);
  },
);

test('strings and test names are not comments', () => {
  expect(violationsOf(proseOfCode("test('runs for ever', () => {});"))).toEqual([]);
});
