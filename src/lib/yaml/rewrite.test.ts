import { expect, test } from 'vitest';

import { readYaml } from './read.ts';
import { rewriteForParser } from './rewrite.ts';

// The results of go.yaml.in/yaml v2.
test.each([
  ['a colon before a brace', 'a:\n- {name: x, value: oidc:}\n', { a: [{ name: 'x', value: 'oidc:' }] }],
  ['a colon before a comma', 'a: [oidc:, x]\n', { a: ['oidc:', 'x'] }],
  ['a dash before a brace', 'a: {b: -}\n', { a: { b: '-' } }],
  ['a dash before a comma', 'a: [-, b]\n', { a: ['-', 'b'] }],
  ['a colon after a blank', 'a: [b :, c]\n', { a: ['b :', 'c'] }],
  ['a list that goes on at the column of its key', 'x:\n  a: [b,\n  c]\n', { x: { a: ['b', 'c'] } }],
  ['a list that goes on at the margin', 'x:\n  a: [b,\nc]\nd: 1\n', { x: { a: ['b', 'c'] }, d: 1 }],
  ['a bracket at the margin', 'x:\n  a: [\n    b\n]\n', { x: { a: ['b'] } }],
  ['a map that goes on left of itself', 'x:\n  - {a: 1,\n  b: 2}\n', { x: [{ a: 1, b: 2 }] }],
  ['tabs in braces', 'a: {\n\tb: x\n}\n', { a: { b: 'x' } }],
  ['double quotes over lines', 'a: "b\nc"\n', { a: 'b c' }],
  ['single quotes over lines', "a: 'b\nit''s'\n", { a: "b it's" }],
  ['an escaped quote over lines', 'a: "b\\"\nc"\n', { a: 'b" c' }],
  ['a comment at quotes', 'a: "x"#y\n', { a: 'x' }],
  ['a comment at a comma', 'a: {b: 1,#:,\n}\n', { a: { b: 1 } }],
  ['line ends of CR alone', 'a: 1\rb: 2\r', { a: 1, b: 2 }],
  ['line ends of NEL', 'a: 1\u0085b: x\u0085\n', { a: 1, b: 'x' }],
  ['line ends of U+2028', 'a: x\u2028b: 2\u2029\n', { a: 'x', b: 2 }],
  ['U+2028 in quotes', 'a: "b\u2028c"\n', { a: 'b\u2028c' }],
  ['CR in quotes', 'a: "b\rc"\n', { a: 'b c' }],
  [
    'brackets in block text before a list',
    'a: |\n  [x\n  "y\nb: [x,\nz]\n',
    { a: '[x\n"y\n', b: ['x', 'z'] },
  ],
  [
    'brackets in the further lines of plain text',
    'a: some\n  [x\nb: [c,\nd]\n',
    { a: 'some [x', b: ['c', 'd'] },
  ],
  ['a quoted key', '"a": [b,\nc]\n"d": e\n', { a: ['b', 'c'], d: 'e' }],
])('%s is read', (_name, text, value) => {
  expect(readYaml(text)).toMatchObject({ value, problems: [] });
});

test('problems after rewritten lines keep their line and column', () => {
  const { problems } = readYaml('a: [b,\nc]\nd:\n- {e: f:, g: *h}\n');
  expect(problems).toMatchObject([{ line: 4, column: 14 }]);
});

test('an unclosed bracket is reported at the line where its list cannot continue', () => {
  expect(readYaml('a: [b\nc: d\n').problems[0]).toMatchObject({ line: 2, column: 1 });
});

test('line numbers count every line of a block of comments', () => {
  const text = `a: 1\n${'# x\n'.repeat(30_000)}b: 2\n`;
  const { value, lineOf } = readYaml(text);
  expect(value).toEqual({ a: 1, b: 2 });
  expect(lineOf(['b'])).toBe(30_002);
  expect(rewriteForParser(text).text).toBe('a: 1\n# x\nb: 2\n');
});

test('lines in block text that look like comments stay', () => {
  const text = `a: |\n${'  # x\n'.repeat(20_000)}b: 2\n`;
  expect(readYaml(text).value).toEqual({ a: '# x\n'.repeat(20_000), b: 2 });
});

test('4 MiB of comments need less than a second of the processor', () => {
  const text = `a: 1\n${'# a comment line of some length\n'.repeat(125_000)}b: 2\n`;
  const start = process.threadCpuUsage();
  expect(readYaml(text).value).toEqual({ a: 1, b: 2 });
  const { system, user } = process.threadCpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(1000);
});

test.each([
  ['a: [- b]\n', 'in quotes'],
  ['a: @x\n', 'in quotes'],
  ['a: b: c\n', 'in quotes'],
])('the error for %j tells the user what to write', (text, message) => {
  expect(readYaml(text).problems[0]?.message).toContain(message);
});
