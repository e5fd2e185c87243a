import { expect, test } from 'vitest';

import { defined } from './defined.ts';

test('fields that are undefined are not there, and empty ones stay', () => {
  const fields = defined({ a: undefined, b: null, c: '', d: 0, e: [] });
  expect(Object.keys(fields)).toEqual(['b', 'c', 'd', 'e']);
});
