import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from './secret.ts';

test('only reveal returns the value of a secret', () => {
  const secret = new Secret('abcdef.0123456789abcdef');
  expect(secret.reveal()).toBe('abcdef.0123456789abcdef');
  const shown = [
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: 9 }),
  ];
  for (const text of shown) expect(text).toContain('[secret]');
  expect(shown.join()).not.toContain('0123456789abcdef');
});
