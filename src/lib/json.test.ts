import { expect, test } from 'vitest';

import { toJson } from './json.ts';

test('whole numbers beyond 2^53 keep their digits', () => {
  expect(toJson({ a: [9_223_372_036_854_775_807n], b: 1.5 })).toBe('{"a":[9223372036854775807],"b":1.5}');
});
