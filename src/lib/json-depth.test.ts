import { expect, test } from 'vitest';

import { isNestedTooDeeply } from './json-depth.ts';

const nested = (depth: number, open: string, close: string): string =>
  `${open.repeat(depth)}0${close.repeat(depth)}`;

test.each([
  ['lists', nested(3, '[', ']'), nested(4, '[', ']')],
  ['maps', nested(3, '{"a":', '}'), nested(4, '{"a":', '}')],
  ['lists in maps', '{"a":[[0]]}', '{"a":[[[0]]]}'],
  ['brackets in strings', '["[[[[\\"[[[[\\\\",[["[["]]]', '["[[[[\\\\",[[["[["]]]]'],
  ['lists beside lists', '[[[0]],[[0]],[[0]]]', '[[[0]],[[[0]]]]'],
  ['a text without an end', '[[[', '[[[['],
  ['a string without an end', '[[["[[[[\\', '[[[["[[[[\\'],
])('%s may be nested as deeply as the limit', (_name, allowed, refused) => {
  expect(isNestedTooDeeply(allowed, 3)).toBe(false);
  expect(isNestedTooDeeply(refused, 3)).toBe(true);
});
