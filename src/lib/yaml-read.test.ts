import { expect, test } from 'vitest';

import { parseYaml, readYaml } from './yaml-read.ts';

// As go.yaml.in/yaml v2 reads them.
test.each([
  ['yes', true],
  ['n', false],
  ['~', null],
  ['0777', 511],
  ['0x10', 16],
  ['1_000', 1000],
  ['1e3', 1000],
  ['.5', 0.5],
  ['1:20', '1:20'],
  ['2024-01-02', '2024-01-02'],
  ['"5"', '5'],
  ['v1.36.2', 'v1.36.2'],
  ['!!str 5', '5'],
])('%s', (text, value) => {
  expect(parseYaml(`a: ${text}\n`)).toEqual({ a: value });
});

test('anchors and merges are followed', () => {
  expect(parseYaml('a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2\n')).toEqual({
    a: { b: 1 },
    c: { b: 1 },
    d: { b: 1, e: 2 },
  });
});

test('duplicate keys are found at every depth, with line, column and path', () => {
  const { value, problems } = readYaml('a: 1\nb:\n- c: 1\n  c: 2\na: 3\n', 10);
  expect(value).toEqual({ a: 3, b: [{ c: 2 }] });
  expect(problems).toEqual([
    expect.objectContaining({ kind: 'duplicate-key', path: ['b', 0, 'c'], line: 13, column: 3 }),
    expect.objectContaining({ kind: 'duplicate-key', path: ['a'], line: 14, column: 1 }),
  ]);
});

test.each([
  ['a: [', 'line 1, column 5'],
  ['[a]: x\n', 'line 1, column 1: a key must be text, and is a list'],
  ['a:\n  {b: c}: x\n', 'line 2, column 3: a key must be text, and is a map'],
  ['null: x\n', 'a key must be text, and is null'],
  ['a: *nope\n', 'nope'],
  ['a: &x\n  b: [*x]\n', 'line 2, column 7: anchor "x" contains itself'],
  [`a: ${'['.repeat(20_000)}`, 'it is nested too deeply'],
])('%j is refused', (text, message) => {
  expect(() => parseYaml(text)).toThrow(message);
});

test('aliases that would fill the memory are refused', () => {
  const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 9; i++) {
    const [last, next] = [String.fromCharCode(96 + i), String.fromCharCode(97 + i)];
    lines.push(`${next}: &${next} [${Array(9).fill(`*${last}`).join(',')}]`);
  }
  expect(() => parseYaml(`${lines.join('\n')}\n`)).toThrow(/alias/i);
});

test('lines are found at once in maps with many keys', () => {
  const count = 5_000;
  const text = Array.from({ length: count }, (_, index) => `k${index}: 1\n`).join('');
  const start = performance.now();
  const { lineOf } = readYaml(text);
  const read = performance.now();
  const lines = Array.from({ length: count }, (_, index) => lineOf([`k${index}`]));
  // Beside the time for reading, as machines differ and are busy: a search through all keys takes 18 times as long.
  expect(performance.now() - read).toBeLessThan(5 * (read - start));
  expect(lines).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});
