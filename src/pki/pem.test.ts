import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePem, parsePem } from './pem.ts';

describe('parsePem', () => {
  test('reads what it writes, whatever stands around it', () => {
    const type = fc.constantFrom('CERTIFICATE', 'RSA PRIVATE KEY', 'PUBLIC KEY');
    const noise = fc.stringMatching(/^[a-z0-9 .:\n]{0,40}$/);
    const ends = fc.constantFrom('\n', '\r\n');
    fc.assert(
      fc.property(
        fc.array(fc.record({ type, der: fc.uint8Array({ minLength: 1 }), noise })),
        ends,
        (blocks, end) => {
          const text = blocks.map((block) => `${block.noise}\n${encodePem(block.type, block.der)}`).join('');
          const read = parsePem(text.replaceAll('\n', end));
          expect(read.map(({ der }) => [...der])).toEqual(blocks.map(({ der }) => [...der]));
          expect(read.map((block) => block.type)).toEqual(blocks.map((block) => block.type));
        },
      ),
    );
  });

  test('breaks lines after 64 characters', () => {
    expect(encodePem('X', new Uint8Array(49))).toBe(
      `-----BEGIN X-----\n${'A'.repeat(64)}\nAA==\n-----END X-----\n`,
    );
  });

  test('keeps the headers of an encrypted key', () => {
    const text = '-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES,00\n\nAAAA\n-----END X-----\n';
    expect(parsePem(text)).toMatchObject([
      { type: 'X', headers: { 'Proc-Type': '4,ENCRYPTED', 'DEK-Info': 'AES,00' } },
    ]);
  });

  test.each([
    ['no end', '-----BEGIN X-----\nAAAA\n'],
    ['another end', '-----BEGIN X-----\nAAAA\n-----END Y-----\n'],
    ['no base64', '-----BEGIN X-----\nA!AA\n-----END X-----\n'],
    ['cut base64', '-----BEGIN X-----\nAAA\n-----END X-----\n'],
  ])('passes over a block with %s, not the one behind it', (_name, broken) => {
    expect(parsePem(broken + encodePem('Z', new Uint8Array([1]))).map(({ type }) => type)).toEqual(['Z']);
  });
});
