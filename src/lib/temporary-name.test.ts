import { expect, test } from 'vitest';

import { isTemporaryName, temporaryName } from './temporary-name.ts';

test.each(['ca.crt', 'x'.repeat(233), 'x'.repeat(255), '😀'.repeat(63)])(
  'the temporary name of a file name of any length is a file name: %s',
  (name) => {
    const temporary = temporaryName(name, '0123456789ab');
    expect(Buffer.byteLength(temporary)).toBeLessThanOrEqual(255);
    expect(isTemporaryName(temporary)).toBe(true);
    expect(temporary).not.toContain('\ufffd');
  },
);
