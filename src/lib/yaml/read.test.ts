import fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseYaml, readYaml } from './read.ts';

// The results of go.yaml.in/yaml v2.
test.each([
  ['yes', true],
  ['n', false],
  ['~', null],
  ['0777', 511],
  ['0x10', 16],
  ['1_000', 1000],
  ['1e3', 1000],
  ['0o10', 8],
  ['1e400', '1e400'],
  ['.5', 0.5],
  ['1:20', '1:20'],
  ['2024-01-02', '2024-01-02'],
  ['"5"', '5'],
  ['v1.36.2', 'v1.36.2'],
  ['!!str 5', '5'],
])('the YAML value %s is read as YAML 1.1', (text, value) => {
  expect(parseYaml(`a: ${text}\n`)).toEqual({ a: value });
});

test('aliases and merge keys of YAML are resolved', () => {
  expect(parseYaml('a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2\n')).toEqual({
    a: { b: 1 },
    c: { b: 1 },
    d: { b: 1, e: 2 },
  });
});

test('duplicate keys at every depth are reported with line, column and path', () => {
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
  ['b: 1\na: *nope\n', 'line 2, column 4: an alias (*name) names no anchor (&name) before it'],
  ['a: *x\nb: &x 1\n', 'line 1, column 4: an alias'],
  ['a: &x\n  b: [*x]\n', 'line 2, column 7: an alias stands in the value that it names'],
  [`a: ${'['.repeat(20_000)}`, 'it is nested too deeply'],
  // The parser's conversion to plain data would take longer than the limit of a test.
  [`a: ${'{'.repeat(900)}${'}'.repeat(900)}`, 'line 1, column 5: a key must be text, and is a map'],
  [`a: ${'{'.repeat(900)}`, 'the closing bracket } is missing'],
])('the YAML text %j is refused', (text, message) => {
  expect(() => parseYaml(text)).toThrow(message);
});

const fits = 'fits no line above; the fields of a map, and the items of a list, have the same indentation';

test.each([
  ['a:\n  b: 1\n   c: 2\n', 3, 4, `the indentation of 3 spaces ${fits}, usually 2 spaces more`],
  ['a:\n  b: 1\n\n  # comment\n     c: 2\n', 5, 6, `the indentation of 5 spaces ${fits}`],
  ['a:\n  b: 1\n c: 2\n', 3, 2, `the indentation of 1 space ${fits}`],
  ['a:\n    b: 1\n  c: 2\n', 3, 3, `the indentation of 2 spaces ${fits}`],
  ['a:\n  - b: 1\n   c: 2\n', 3, 4, `the indentation of 3 spaces ${fits}`],
  ['a:\n  - b: 1\n   - c: 2\n', 3, 4, `the indentation of 3 spaces ${fits}`],
  ['a: 1\n  b: 2\n', 2, 3, `the indentation of 2 spaces ${fits}`],
  ['a:\n\tb: 1\n', 2, 1, 'indent with spaces'],
  ['a:\n  b\n', undefined, undefined, ''],
  ['a\n  b: 1\n', 1, 1, 'this line is not a field: write a name, a colon and a space'],
  ['a:b\nc: 1\n', 1, 1, 'this line is not a field'],
  ['a: "b\n', 2, 1, 'the closing quote " is missing'],
  ['a: [b\n', 2, 1, 'the closing bracket ] is missing, or stands too far to the left'],
  ['{a: b\n', 2, 1, 'the closing bracket } is missing'],
])('the one problem of %j is in line %s, column %s: %s', (text, line, column, message) => {
  const { problems } = readYaml(text);
  expect(problems.map((problem) => [problem.line, problem.column])).toEqual(
    line === undefined ? [] : [[line, column]],
  );
  if (line !== undefined) expect(problems[0]?.message).toContain(message);
});

test('aliases that would expand to fill the memory are refused', () => {
  const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 9; i++) {
    const [last, next] = [String.fromCharCode(96 + i), String.fromCharCode(97 + i)];
    lines.push(`${next}: &${next} [${Array(9).fill(`*${last}`).join(',')}]`);
  }
  expect(() => parseYaml(`${lines.join('\n')}\n`)).toThrow(/alias/i);
});

test.each([
  [2, 10, true],
  [3, 10, false],
  [1, 100, true],
  [1, 1_000, false],
])('%d levels of aliases of %d items each: %s, as in Go', (levels, width, isRead) => {
  const list = (item: string): string => `[${Array(width).fill(item).join(',')}]`;
  const aliases = Array.from(
    { length: levels },
    (_, level) => `a${level + 1}: &a${level + 1} ${list(`*a${level}`)}`,
  );
  const { problems } = readYaml(`a0: &a0 ${list('x')}\n${aliases.join('\n')}\n`);
  expect(problems.length === 0).toBe(isRead);
});

test('finding the line of a key is fast in a map with many keys', () => {
  const count = 5_000;
  const text = Array.from({ length: count }, (_, index) => `k${index}: 1\n`).join('');
  const start = performance.now();
  const { lineOf } = readYaml(text);
  const read = performance.now();
  const lines = Array.from({ length: count }, (_, index) => lineOf([`k${index}`]));
  // The limit depends on the time for reading, because machines differ. A linear search would take 18 times as long.
  expect(performance.now() - read).toBeLessThan(5 * (read - start));
  expect(lines).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});

test('aliases can refer to anchors of values and of keys', () => {
  expect(parseYaml('&k a: &v {x: 1}\nb: *v\nc: *k\nd: {<<: *v}\n')).toEqual({
    a: { x: 1 },
    b: { x: 1 },
    c: 'a',
    d: { x: 1 },
  });
});

test('error messages about invalid YAML do not quote its text', () => {
  const secret = 'SECRETSECRETSECRET';
  const text = `users:\n- name: u\n  user:\n    client-key-data: ${secret}\n    token: "${secret}"\n`;
  const signs = [
    '\t',
    '"',
    "'",
    '*',
    '&',
    '!',
    '%',
    '@',
    '`',
    '{',
    '[',
    '}',
    ']',
    ': ',
    '- ',
    '? ',
    '\n',
    '|',
    '>',
  ];
  const change = fc.record({
    at: fc.nat(text.length),
    sign: fc.constantFrom(...signs, '#', ',', '\\', '!!binary ', '&a ', '*a', '<<: ', ''),
    cut: fc.nat(2),
  });
  let broken = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const changed = changes.reduce(
        (old, { at, sign, cut }) => old.slice(0, at) + sign + old.slice(at + cut),
        text,
      );
      const said = readYaml(changed)
        .problems.filter(({ kind }) => kind === 'syntax')
        .map(({ message }) => message)
        .join('\n');
      broken += Number(said !== '');
      expect(said).not.toMatch(/SECRET|TSECR/);
    }),
    { numRuns: 3000 },
  );
  expect(broken).toBeGreaterThan(1000);
});

test('sourceOf returns the text of an unquoted value, and undefined for a quoted one', () => {
  const { sourceOf } = readYaml('a: 1.30\nb:\n- 0123\nc: "x"\n');
  expect(sourceOf(['a'])).toBe('1.30');
  expect(sourceOf(['b', 0])).toBe('0123');
  expect(sourceOf(['c'])).toBeUndefined();
  expect(sourceOf(['d'])).toBeUndefined();
});

test('!!binary is decoded', () => {
  expect(parseYaml('a: !!binary aGVsbG8=\nb: !!binary "aGVs\\nbG8="\n')).toEqual({ a: 'hello', b: 'hello' });
  expect(() => parseYaml('a: !!binary registry.k8s.io\n')).toThrow('not base64');
});

test('control characters are refused with their place', () => {
  expect(readYaml('a: 1\nb: x\f\n').problems).toEqual([
    { kind: 'syntax', message: 'the control character U+000C is not allowed', line: 2, column: 5 },
  ]);
  expect(parseYaml('a: "\\x7f \ufeff\ud83d\ude00"\n')).toEqual({ a: '\x7f \ufeff\ud83d\ude00' });
});

test('sets are maps without values', () => {
  expect(parseYaml('a: !!set {b}\n')).toEqual({ a: { b: null } });
  expect(parseYaml('a: !!omap [{b: 1}]\n')).toEqual({ a: [{ b: 1 }] });
});

test.each(['.inf', '-.Inf', '.nan'])('the number %s is refused', (text) => {
  expect(() => parseYaml(`a:\n- ${text}\n`)).toThrow('line 2, column 3: a number must be finite');
});

test.each(['a: "\\ud83d"\n', '{"a": "\\ude00"}', '"\\ud83d": a\n'])(
  'half of a surrogate pair is refused: %s',
  (text) => {
    expect(() => parseYaml(text)).toThrow(/^line 1, column \d: an escape is half of a surrogate pair/);
  },
);
