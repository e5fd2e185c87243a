import { expect, test } from 'vitest';

import { unquoteBody } from './unquote.ts';

test.each([
  ['a\\tb\\n', '"', 'a\tb\n'],
  ['\\x41\\u00e4\\U0001F600\\101', '"', 'Aä😀A'],
  ['\\"', '"', '"'],
  ["\\'", "'", "'"],
  ['\\xc3\\xa4', '"', 'ä'],
  ["it's", '"', "it's"],
  ['', '"', ''],
] as const)('the quoted text %j in %s is %j', (body, quote, text) => {
  expect(unquoteBody(body, quote)).toBe(text);
});

test.each([
  ['\\q', '"'],
  ["\\'", '"'],
  ['"', '"'],
  ['\\x4', '"'],
  ['\\ud800', '"'],
  ['\\777', '"'],
  ['\\', '"'],
] as const)('the quoted text %j in %s is not valid', (body, quote) => {
  expect(unquoteBody(body, quote)).toBeUndefined();
});
