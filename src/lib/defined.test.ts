import { expect, test } from 'vitest';

import { defined } from './defined.ts';

test('defined removes undefined fields and keeps empty ones', () => {
  const fields = defined({ a: undefined, b: null, c: '', d: 0, e: [] });
  expect(Object.keys(fields)).toEqual(['b', 'c', 'd', 'e']);
});
