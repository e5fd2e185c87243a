import { expect, test } from 'vitest';

import { sprint, sprintf, sprintln } from './format.ts';
import type { GoValue } from './value.ts';

// The expected texts are those of Go's fmt.
test.each<[string, readonly GoValue[], string]>([
  ['%s-%d-%v-%t', ['a', 5n, 'b', true], 'a-5-b-true'],
  ['%q', ['a"b'], '"a\\"b"'],
  ['%5d|%-5d|%05d|%+d|% d', [5n, 5n, 5n, 5n, 5n], '    5|5    |00005|+5| 5'],
  ['%x|%X|%#x|%o|%#o|%b', [255n, 255n, 255n, 8n, 8n, 5n], 'ff|FF|0xff|10|010|101'],
  ['%.3d|%6.3d|%-6.3d|%06d|%.0d', [5n, 5n, 5n, -5n, 0n], '005|   005|005   |-00005|'],
  ['%6.2f|%-8.3f|%08.2f|%+.1f', [1.5, 1.5, -1.5, 1.5], '  1.50|1.500   |-0001.50|+1.5'],
  ['%.0f|%.0f|%.1f', [2.5, 3.5, 0.25], '2|4|0.2'],
  ['%f', [1e23], '99999999999999991611392.000000'],
  ['%e|%G|%.3g', [12_345.678, 1e-7, 1234.5], '1.234568e+04|1E-07|1.23e+03'],
  ['%5s|%-5s|%.2s|%5.1s', ['ab', 'ab', 'abc', 'abc'], '   ab|ab   |ab|    a'],
  ['%x|%X', ['hé', 'hé'], '68c3a9|68C3A9'],
  ['%*d|%.*f', [5n, 3n, 2n, 1.5], '    3|1.50'],
  ['%v %v', [['a', null, 1n], { b: 1n, a: [] }], '[a <nil> 1] map[a:[] b:1]'],
  ['%q', [['a', 'b']], '["a" "b"]'],
  ['%%', [], '%'],
  ['%d', ['a'], '%!d(string=a)'],
  ['%s %s', [5n, null], '%!s(int64=5) %!s(<nil>)'],
  ['%d', [], '%!d(MISSING)'],
  ['x', [1n, 'a', null], 'x%!(EXTRA int64=1, string=a, <nil>)'],
  ['%', [], '%!(NOVERB)'],
])('the format %s of %o is %j', (format, values, text) => {
  expect(sprintf(format, values)).toBe(text);
});

test.each([
  ['%T', 'printf: %T is not supported'],
  ['%#v', 'printf: %#v is not supported'],
  ['%[1]d', 'printf: %[ is not supported'],
  ['%c', 'printf: %c of a number is not supported'],
  ['%9999999d', 'printf: the width 9999999 is larger than 1000000'],
  ['%.9999999d', 'printf: the precision 9999999 is larger than 1000000'],
])('the format %s is refused by name', (format, message) => {
  expect(() => sprintf(format, [1n])).toThrow(new Error(message));
});

test('a text that a template doubles again and again has a limit', () => {
  const long = 'x'.repeat(3_000_000);
  expect(() => sprintf('%s%s', [long, long])).toThrow('the text has more than 4194304 characters');
});

test('print puts a space between two operands that are not strings', () => {
  expect(sprint([1n, 2.5, 'a', 'b', 3n, null, true])).toBe('1 2.5a b3 <nil> true'.replace('a b', 'ab'));
  expect(sprintln(['x', 1n])).toBe('x 1\n');
});
