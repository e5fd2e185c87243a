import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { findJsonPath, JsonPathError, parseJsonPath, printJson, printValues } from './index.ts';

/** The example of kubectl's documentation. */
const data = {
  kind: 'List',
  items: [
    {
      kind: 'None',
      metadata: { name: '127.0.0.1', labels: { 'kubernetes.io/hostname': '127.0.0.1' } },
      status: { capacity: { cpu: '4' }, addresses: [{ type: 'LegacyHostIP', address: '127.0.0.1' }] },
    },
    {
      kind: 'None',
      metadata: { name: '127.0.0.2' },
      status: {
        capacity: { cpu: '8' },
        addresses: [
          { type: 'LegacyHostIP', address: '127.0.0.2' },
          { type: 'another', address: '127.0.0.3' },
        ],
      },
    },
  ],
  users: [
    { name: 'myself', user: {} },
    { name: 'e2e', user: { username: 'admin', password: 'secret' } },
  ],
  seconds: 31_535_999,
  nothing: null,
  numbers: [1, 2, 3, 4],
};

function union(name: string): string {
  return new Array(500).fill(`'${name}'`).join(',');
}

function run(template: string, failOnMissingKey = false): string {
  return findJsonPath(parseJsonPath(template), data, { failOnMissingKey }).map(printValues).join('');
}

// The expected texts are those of client-go/util/jsonpath with the same data.
describe("kubectl's documentation", () => {
  test.each([
    ['text', 'kind is {.kind}', 'kind is List'],
    ['the current object', '{@.kind}{$.kind}', 'ListList'],
    ['a child', "{.kind} {['kind']}", 'List List'],
    ['recursive descent', '{..name}', '127.0.0.1 127.0.0.2 myself e2e'],
    ['a wildcard', '{.items[*].metadata.name}', '127.0.0.1 127.0.0.2'],
    ['a subscript', '{.users[0].name}', 'myself'],
    ['the last element', '{.items[-1].metadata.name} {.numbers[-2:]}', '127.0.0.2 3 4'],
    ['a slice', '{.numbers[0:2]} {.numbers[::2]} {.numbers[1:]} {.numbers[:1]}', '1 2 1 3 2 3 4 1'],
    [
      'a union',
      "{.items[*]['metadata.name', 'status.capacity']}",
      '127.0.0.1 127.0.0.2 {"cpu":"4"} {"cpu":"8"}',
    ],
    ['a filter', '{.users[?(@.name=="e2e")].user.password}', 'secret'],
    [
      'a range',
      '{range .items[*]}[{.metadata.name}, {.status.capacity}] {end}',
      '[127.0.0.1, {"cpu":"4"}] [127.0.0.2, {"cpu":"8"}] ',
    ],
    ['quotes', '{range .items[*]}{.metadata.name}{\'\\t\'}{end}{"\\n"}', '127.0.0.1\t127.0.0.2\t\n'],
    ['an escaped dot', '{.items[0].metadata.labels.kubernetes\\.io/hostname}', '127.0.0.1'],
    ['an escaped dot in brackets', "{.items[0].metadata.labels['kubernetes\\.io/hostname']}", '127.0.0.1'],
  ])('%s: %s', (_name, template, text) => {
    expect(run(template)).toBe(text);
  });
});

describe('text', () => {
  test.each([
    ['{.seconds} {.nothing} {.missing}', '3.1535999e+07 null '],
    ['{.users[0]}', '{"name":"myself","user":{}}'],
    ['{.users[*].user.username}', 'admin'],
    ['{.items[?(@.metadata.labels)].metadata.name}', '127.0.0.1'],
    ['{.numbers[?(@>2)]} {.numbers[?(@<=2.0)]} {.numbers[?(@!=2)]}', '3 4 1 2 1 3 4'],
    ['{range .missing[*]}x{end}y', 'y'],
    [
      '{range .items[*]}{range .status.addresses[*]}{.type},{end};{end}',
      'LegacyHostIP,;LegacyHostIP,another,;',
    ],
    ['{1} {1.50} {true} {"quoted {}"}', '1 1.5 true quoted {}'],
    ['{range .items[*]}{.kind},', 'None,None,List,'],
  ])('%s prints %j', (template, text) => {
    expect(run(template)).toBe(text);
  });

  test('as JSON, each part of the template is a list with sorted keys', () => {
    const values = findJsonPath(parseJsonPath('{.users[0]}{.missing}<'), data);
    expect(values.map(printJson).join('')).toBe(
      '[\n    {\n        "name": "myself",\n        "user": {}\n    }\n]\n[]\n[\n    "\\u003c"\n]\n',
    );
  });
});

describe('errors', () => {
  test.each([
    ['{.kind', 'unclosed action', 6],
    ['{.users[a]}', 'invalid array index a', 7],
    ['{.users[', 'unterminated array', 7],
    ['{.users[?(@.name}', 'unterminated filter', 7],
    ['{.users[?(@.name)}', 'unclosed array expect ]', 7],
    ['{"text}', 'unterminated quoted string', 1],
    ['{....name}', 'invalid multiple recursive descent', 3],
    ['{#}', "unrecognized character in action: U+0023 '#'", 1],
    ['{.users[?(@.name=~"e")]}', "unrecognized character in action: U+007E '~'", 7],
    ['{1.2.3}', 'cannot parse number 1.2.3', 6],
  ])('%s is refused with its place', (template, message, at) => {
    expect(() => parseJsonPath(template)).toThrow(expect.objectContaining({ message, at }));
  });

  test.each([
    ['{.users[2]}', 'array index out of bounds: index 2, length 2'],
    ['{.numbers[3:2]}', 'starting index 3 is greater than ending index 2'],
    ['{.numbers[0:2:0]}', 'step must be > 0'],
    ['{.kind[0]}', 'string is not array or slice'],
    ['{.kind[?(@.x)]}', 'List is not array or slice and cannot be filtered'],
    ['{.users[?(@.name<>"e")]}', 'unrecognized filter operator <>'],
    ['{.users[?(@.name==1)]}', 'incompatible types for comparison'],
    ['{.users[?(@.user=="a")]}', 'invalid type for comparison'],
    ['{end}', 'not in range, nothing to end'],
    ['{nope}', 'unrecognized identifier nope'],
  ])('%s does not fit the data', (template, message) => {
    expect(() => run(template)).toThrow(expect.objectContaining({ message }));
  });

  test('a field that does not exist is an error if the caller wants it', () => {
    expect(() => run('{.missing}', true)).toThrow('missing is not found');
  });

  test.each([
    ['many ranges', '{range @}'.repeat(10_000), 'more than 100 ranges are nested'],
    ['wide unions', `{[${union('users')}][*][${union('name')}]}`, 'takes more than 100000 steps'],
  ])('a template with %s ends with an error', (_name, template, message) => {
    expect(() => run(template)).toThrow(message);
  });
});

test('any text is a template or an error', () => {
  const word = fc.constantFrom(
    '{',
    '}',
    '.',
    '..',
    '[',
    ']',
    '*',
    '?(',
    ')',
    '@',
    '$',
    ':',
    '-1',
    ',',
    '"',
    "'",
    'users',
    'name',
    'range ',
    'end',
    '\\',
    '==',
    '<',
    ' ',
    '\n',
    'é',
    '1.5',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 3 })), { maxLength: 20 }), (words) => {
      try {
        run(words.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(JsonPathError);
      }
    }),
    { numRuns: 2000 },
  );
});
