import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseYaml } from './read.ts';
import { compareKeys, toYaml } from './write.ts';

// The expected texts are those of sigs.k8s.io/yaml for the same JSON.
test.each<[unknown, string]>([
  [{ b: 1, a: { c: [], d: {} } }, 'a:\n  c: []\n  d: {}\nb: 1\n'],
  [{ l: ['x: y', '1', '', 1, 1.5] }, 'l:\n- \'x: y\'\n- "1"\n- ""\n- 1\n- 1.5\n'],
  [[['a'], { k: ['b'] }], '- - a\n- k:\n  - b\n'],
  [
    { f: [2 ** 63, 1e19, -(2 ** 63), 2 ** 64] },
    'f:\n- 9223372036854776000\n- 10000000000000000000\n- -9.223372036854776e+18\n- 1.8446744073709552e+19\n',
  ],
  [{ f: [1e30, 0.00001, 1234567.5] }, 'f:\n- 1e+30\n- 1e-05\n- 1.2345675e+06\n'],
  [{ a: 'yes', y: 'Y', n: null, t: true }, 'a: "yes"\n"n": null\nt: true\n"y": "Y"\n'],
  [
    { a: '0x1f', b: '1:20', c: '2024-01-02', d: '1_000' },
    'a: "0x1f"\nb: "1:20"\nc: "2024-01-02"\nd: "1_000"\n',
  ],
  [
    { a: 'one\ntwo\n', b: 'one\ntwo', c: 'one\n\n' },
    'a: |\n  one\n  two\nb: |-\n  one\n  two\nc: |+\n  one\n\n',
  ],
  [{ a: "it's", b: '# no', c: '- no', d: ' edge' }, "a: it's\nb: '# no'\nc: '- no'\nd: ' edge'\n"],
  [{ a: 'tab\there', b: '\u{1F600}' }, 'a: "tab\\there"\nb: "\\U0001F600"\n'],
  [{ text: `${'word '.repeat(20)}end` }, `text: ${'word '.repeat(15)}word\n  word word word word end\n`],
  ['plain', 'plain\n'],
  [
    { 'a\nb': { x: 1 }, [`${'k'.repeat(129)}`]: ['i'] },
    `? |-\n  a\n  b\n: x: 1\n? ${'k'.repeat(129)}\n: - i\n`,
  ],
  [{ a: 'one\u2028two\nthree' }, 'a: |-\n  one\u2028  two\n  three\n'],
  [{ a: '\ufeff\u00a0' }, 'a: "\\uFEFF\\_"\n'],
])('%j is written as upstream writes YAML', (value, text) => {
  expect(toYaml(value)).toBe(text);
});

test('compareKeys sorts the keys of a YAML map in natural order', () => {
  const keys = ['b', 'a10', 'a9', 'a', '1', '--x', 'A', 'a-b', 'a1b'];
  expect(keys.sort(compareKeys)).toEqual(['--x', '1', 'A', 'a', 'a-b', 'a9', 'a10', 'a1b', 'b']);
});

test('parsing written YAML returns the same data', () => {
  const text = fc.stringMatching(/^([ -~]{0,64}[a-z\n]?)?$/);
  const value = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(
        text.filter((key) => key !== '__proto__' && key !== '' && key !== '<<'),
        tie('tree'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  })).tree;
  fc.assert(
    fc.property(value, (data) => {
      expect(parseYaml(toYaml(data))).toEqual(data);
    }),
    { numRuns: 500 },
  );
});
