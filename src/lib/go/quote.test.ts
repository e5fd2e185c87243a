import { expect, test } from 'vitest';
import { goQuote } from './quote.ts';

test.each([
  ['', '""'],
  ['--a=b --c=d', '"--a=b --c=d"'],
  ['say "hi" \\ there', '"say \\"hi\\" \\\\ there"'],
  ['a\tb\nc\u0000\u007f', '"a\\tb\\nc\\x00\\x7f"'],
  ['größe ☸ 🚀', '"größe ☸ 🚀"'],
  ['\u00a0\u200b\u{e0001}', '"\\u00a0\\u200b\\U000e0001"'],
])('the text %j is quoted as Go quotes it', (text, expected) => {
  expect(goQuote(text)).toBe(expected);
});
