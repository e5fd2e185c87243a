import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corefiles } from './corefile.fixture.ts';
import { formatCorefile, parseCorefile } from './corefile.ts';

describe('parseCorefile', () => {
  test('reads server blocks, plugins and options', () => {
    const text = '.:53 example.org {\n  errors\n  cache 30 {\n    success 10 # note\n  }\n}\n';
    expect(parseCorefile(text)).toEqual({
      servers: [
        {
          zones: ['.:53', 'example.org'],
          plugins: [
            { name: 'errors', arguments: [], options: [] },
            { name: 'cache', arguments: ['30'], options: [{ name: 'success', arguments: ['10'] }] },
          ],
        },
      ],
    });
  });

  test('keeps a quoted argument with blanks and quotation marks as one word', () => {
    const [server] = parseCorefile('. {\n log "a \\"b\\" c" d\n}').servers;
    expect(server?.plugins[0]?.arguments).toEqual(['a "b" c', 'd']);
  });

  test('refuses a block without a name and reports its line', () => {
    expect(() => parseCorefile('\n{\n errors\n}')).toThrow('line 3 of the Corefile');
  });

  test('ends with a Corefile or a refusal for any text', () => {
    fc.assert(
      fc.property(fc.oneof(corefiles, fc.string({ unit: 'binary' })), (text) => {
        try {
          parseCorefile(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'refused' });
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('formatCorefile', () => {
  test('writes plugins at four blanks, options at eight, and an empty line between server blocks', () => {
    const text = '.:53 {\nerrors\nhealth {\nlameduck 5s\n}\n}\nexample.org {\ncache 30\n}';
    expect(formatCorefile(parseCorefile(text))).toBe(
      '.:53 {\n    errors\n    health {\n        lameduck 5s\n    }\n}\n\nexample.org {\n    cache 30\n}\n',
    );
  });

  test('quotes an argument with white space inside of it', () => {
    expect(formatCorefile(parseCorefile('. {\n log "a b" c\n}'))).toContain('log "a b" c');
  });

  test('writes what parses to the same Corefile, if its words have no braces, comments or quotes', () => {
    const word = fc.stringMatching(/^[a-z0-9.:/*-]{1,8}$/);
    const option = fc.record({ name: word, arguments: fc.array(word, { maxLength: 3 }) });
    const plugin = fc.record({
      name: word,
      arguments: fc.array(word, { maxLength: 3 }),
      options: fc.array(option, { maxLength: 3 }),
    });
    const server = fc.record({
      zones: fc.array(word, { minLength: 1, maxLength: 3 }),
      plugins: fc.array(plugin, { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(server, { maxLength: 3 }), (servers) => {
        expect(parseCorefile(formatCorefile({ servers }))).toEqual({ servers });
      }),
    );
  });
});
