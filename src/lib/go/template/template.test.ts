import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { goValue } from '../value.ts';
import { executeTemplate } from './execute.ts';
import { parseTemplate } from './parse.ts';

const data = {
  kind: 'CertificateExpirationInfo',
  images: ['a', 'b', 'c'],
  count: 5,
  fraction: 1.5,
  seconds: 31_535_999,
  yes: true,
  no: false,
  nothing: null,
  empty: [],
  text: 'héllo',
  encoded: 'aGVsbG8=',
  nested: { a: { b: [{ name: 'x', value: 1 }, { name: 'y', value: 20 }, { name: 'z' }] } },
};

function run(template: string, failOnMissingKey = false): string {
  return executeTemplate(parseTemplate('output', template), goValue(data), { failOnMissingKey });
}

// The expected texts are those of Go's text/template with the same data.
describe('text', () => {
  test.each([
    ['{{.kind}}', 'CertificateExpirationInfo'],
    ['{{.images}} {{index .images 1}} {{len .images}}', '[a b c] b 3'],
    ['{{.count}} {{.fraction}} {{.seconds}} {{.yes}}', '5 1.5 31535999 true'],
    ['{{.nothing}} {{.missing}} {{.missing.x}}', '<no value> <no value> <no value>'],
    ['{{.nested}}', 'map[a:map[b:[map[name:x value:1] map[name:y value:20] map[name:z]]]]'],
    ['{{range .images}}{{.}}{{"\\n"}}{{end}}', 'a\nb\nc\n'],
    ['{{range $i, $e := .images}}{{$i}}={{$e}},{{end}}', '0=a,1=b,2=c,'],
    ['{{range $key, $value := .nested.a}}{{$key}}{{end}}', 'b'],
    ['{{range .empty}}x{{else}}none{{end}}', 'none'],
    ['{{range 3}}{{.}}{{end}}', '012'],
    ['{{range .images}}{{if eq . "b"}}{{continue}}{{end}}{{.}}{{end}}', 'ac'],
    ['{{range .images}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}', 'a'],
    ['{{with .nested.a}}{{len .b}}{{else}}no{{end}}', '3'],
    ['{{with .missing}}x{{else with .kind}}{{.}}{{end}}', 'CertificateExpirationInfo'],
    ['{{if and .yes .no}}a{{else if or .no .count}}b{{else}}c{{end}}', 'b'],
    ['{{eq .count 1 2 5}} {{ne .kind "a"}} {{lt .count 6}} {{le .count 5}}', 'true true true true'],
    ['{{gt .count 6}} {{ge .count 5}} {{not .no}} {{eq .missing nil}}', 'false true true true'],
    ['{{printf "%s has %03d" .kind .count}}', 'CertificateExpirationInfo has 005'],
    ['{{.count | printf "%d-%s" 4}}', '4-%!s(int64=5)'],
    ['{{print 1 2 "a" "b" 3}}|{{println "x" 1}}', '1 2a b3|x 1\n'.replace('a b', 'ab')],
    ['{{.encoded | base64decode}}', 'hello'],
    ['{{exists .nested "a" "b"}} {{exists .nested "q"}}', 'true false'],
    ['{{define "t"}}<{{.}}>{{end}}{{range .images}}{{template "t" .}}{{end}}', '<a><b><c>'],
    ['{{block "b" .kind}}[{{.}}]{{end}}', '[CertificateExpirationInfo]'],
    ['a  {{- .count -}}  \n b {{/* a comment */}} c', 'a5b  c'],
    ['{{$x := 1}}{{range .images}}{{$x = .}}{{end}}{{$x}} {{$.count}}', 'c 5'],
    ['{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}', '21'],
    ['{{(index .nested.a.b 0).name}} {{index .nested.a.b 1 "name"}}', 'x y'],
    ['{{slice .text 0 2}} {{len .text}} {{slice .images 1}} {{index .text 1}}', 'h\ufffd 6 [b c] 195'],
    ["{{`raw`}} {{'a'}} {{0x1F}} {{1_000}} {{1e3}} {{-5}} {{.5}}", 'raw 97 31 1000 1000 -5 0.5'],
  ])('%s prints %j', (template, text) => {
    expect(run(template)).toBe(text);
  });
});

describe('errors', () => {
  test.each([
    [
      '{{.kind.foo}}',
      'output:1:7: executing "output" at <.kind.foo>: can\'t evaluate field foo in type interface {}',
    ],
    [
      'é\n {{.nothing.foo}}',
      'output:2:11: executing "output" at <.nothing.foo>: nil pointer evaluating interface {}.foo',
    ],
    [
      '{{index .images 7}}',
      'output:1:2: executing "output" at <index .images 7>: error calling index: index out of range: 7',
    ],
    ['{{len}}', 'output:1:2: executing "output" at <len>: wrong number of args for len: want 1 got 0'],
    [
      '{{eq .count "a"}}',
      'output:1:2: executing "output" at <eq .count "a">: error calling eq: incompatible types for comparison: int64 and string',
    ],
    ['{{.kind 1}}', 'output:1:2: executing "output" at <.kind>: kind is not a method but has arguments'],
    [
      '{{range .kind}}{{end}}',
      'output:1:8: executing "output" at <.kind>: range can\'t iterate over CertificateExpirationInfo',
    ],
    [
      '{{template "x" .}}',
      'output:1:11: executing "output" at <{{template "x" .}}>: template "x" not defined',
    ],
    [
      '{{base64decode "!!"}}',
      'output:1:2: executing "output" at <base64decode "!!">: error calling base64decode: base64 decode failed: illegal base64 data at input byte 0',
    ],
    ['{{.kind', 'output:1: unclosed action'],
    ['\n{{nope .kind}}', 'output:2: function "nope" not defined'],
    ['{{html .kind}}', 'output:1: function "html" is not supported by this kubeadm'],
    ['{{1i}}', 'output:1: complex numbers are not supported: 1i'],
    ['{{if .yes}}x', 'output:1: unexpected EOF'],
    ['{{end}}', 'output:1: unexpected {{end}}'],
    ['{{$y}}', 'output:1: undefined variable "$y"'],
    ['{{break}}', 'output:1: {{break}} outside {{range}}'],
    ['{{"abc}}', 'output:1: unterminated quoted string'],
    ['{{.kind | 1}}', 'output:1: non executable command in pipeline stage 2'],
  ])('%s is refused with its place', (template, message) => {
    expect(() => run(template)).toThrow(new Error(`template: ${message}`));
  });

  test('a key that a map does not have is an error if the caller wants it', () => {
    expect(() => run('{{.missing}}', true)).toThrow('at <.missing>: map has no entry for key "missing"');
  });
});

describe('templates without an end', () => {
  test.each([
    [
      'a template that uses itself',
      '{{define "t"}}{{template "t"}}{{end}}{{template "t"}}',
      'exceeded maximum template depth (500)',
    ],
    [
      'a template that uses itself twice',
      '{{define "t"}}{{if .}}{{template "t" slice . 1}}{{template "t" slice . 1}}{{end}}{{end}}{{template "t" (printf "%40d" 1)}}',
      'takes more than 100000 steps',
    ],
    ['a range over a large number', '{{range 9000000000000}}{{end}}', 'takes more than 100000 steps'],
    ['a large output', '{{range 100000}}{{printf "%1000d" 1}}{{end}}', 'prints more than 4194304 characters'],
    ['nested parentheses', `{{${'('.repeat(10_000)}`, 'more than 200 expressions or actions are nested'],
    ['nested actions', '{{if 1}}'.repeat(10_000), 'more than 200 expressions or actions are nested'],
    [
      'a chain of else',
      `{{if 0}}${'{{else if 0}}'.repeat(10_000)}`,
      'more than 200 expressions or actions are nested',
    ],
    [
      'nested definitions',
      '{{block "a" 1}}'.repeat(10_000),
      'more than 200 expressions or actions are nested',
    ],
    [
      'an error behind a long space and many variables',
      `${' '.repeat(200_000)}x{{- 1}}${'{{$x := 1}}'.repeat(10_000)}{{x}}`,
      'function "x" not defined',
    ],
  ])('%s ends with an error', (_name, template, message) => {
    expect(() => run(template)).toThrow(message);
  });
});

test('any text is a template or an error with a message of Go', () => {
  const word = fc.constantFrom(
    '{{',
    '}}',
    '(',
    ')',
    '|',
    ' ',
    '$x',
    '.',
    '"',
    ':=',
    '=',
    ',',
    'range ',
    'end',
    'if ',
    'else',
    '.images',
    '1',
    '`',
    "'",
    '\n',
    'é',
    '\\',
    'index ',
    '{{- ',
    ' -}}',
    '/*',
    '*/',
    'define "t"',
    'template "t" .',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 3 })), { maxLength: 20 }), (words) => {
      try {
        run(words.join(''));
      } catch (error) {
        expect((error as Error).message).toMatch(/^template: output:/);
      }
    }),
    { numRuns: 2000 },
  );
});

test('text without actions is printed as it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes('{{'));
      expect(run(text)).toBe(text);
    }),
  );
});
