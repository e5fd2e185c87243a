import fc from 'fast-check';
import { expect, test } from 'vitest';

import { toKyaml } from './kyaml.ts';
import { parseYaml } from './read.ts';

// The expected texts are those of sigs.k8s.io/yaml/kyaml for the same JSON.
test.each<[unknown, string]>([
  [{ b: 1, a: { c: [], d: {} } }, '{\n  b: 1,\n  a: {\n    c: [],\n    d: {},\n  },\n}'],
  [{ l: ['x', 1.5, null, true] }, '{\n  l: [\n    "x",\n    1.5,\n    null,\n    true,\n  ],\n}'],
  [{ l: [{ a: 1 }, { b: [] }] }, '{\n  l: [{\n    a: 1,\n  }, {\n    b: [],\n  }],\n}'],
  [{ l: [['a'], []] }, '{\n  l: [[\n    "a",\n  ], []],\n}'],
  [{ l: [{}, 'a'] }, '{\n  l: [\n    {},\n    "a",\n  ],\n}'],
  [
    { no: 1, y: 1, 'a-b.c/d': 1, '-a': 1, '0x1F': 1, '1_0': 1, t: 1, inf: 1, '2024-01-02': 1, '': 1 },
    '{\n  "no": 1,\n  "y": 1,\n  a-b.c/d: 1,\n  "-a": 1,\n  "0x1F": 1,\n  "1_0": 1,\n  "t": 1,\n  "inf": 1,\n  "2024-01-02": 1,\n  "": 1,\n}',
  ],
  [
    { a: 'one\n  two\n\nthree' },
    '{\n  a: "\\\n     one\\n\\\n    \\  two\\n\\\n     \\n\\\n     three\\\n    ",\n}',
  ],
  [{ a: 'one\n' }, '{\n  a: "\\\n     one\\n\\\n    ",\n}'],
  [
    { a: 'tab\there "q" \\ \u0001\u200b\u{e0001}' },
    '{\n  a: "tab\there \\"q\\" \\\\ \\x01\\u200b\\U000e0001",\n}',
  ],
  [{ 'a\tb\n': 1, 'a b': undefined }, '{\n  "a\\tb\\n": 1,\n}'],
])('%j is written as upstream writes KYAML', (value, text) => {
  expect(toKyaml(value)).toBe(`---\n${text}\n`);
});

test('a YAML parser reads any value back from KYAML', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('no', '1', '1:20', 'null', 'a\nb', '\n', ' \n\tx', '\u0085'),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('no', 'n', '0', 'a\n')), tie('value'), {
        maxKeys: 4,
      }),
    ),
  }));
  fc.assert(
    fc.property(value, (given) => {
      expect(parseYaml(toKyaml({ given }))).toEqual({ given });
    }),
  );
});

test('a value that JSON does not have is refused', () => {
  expect(() => toKyaml({ a: () => 1 })).toThrow(new TypeError('a function cannot be written as KYAML'));
});
