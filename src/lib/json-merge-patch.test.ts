import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergePatch } from './json-merge-patch.ts';

describe('mergePatch', () => {
  // RFC 7386, appendix A, except for the cases in which a null is inside a list.
  test.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1, { d: null }] }, { a: [1, {}] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: null }, { a: [{ b: null, c: 1 }, null] }, { a: [{ c: 1 }, null] }],
  ])('%j is patched with %j', (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });

  const keys = fc.constantFrom('a', 'b', 'c');
  const { object: objects } = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, fc.nat(9), fc.constant(null), tie('object')),
    object: fc.dictionary(keys, tie('value')),
  }));

  test('applying a patch twice has the same result as once, and no argument is changed', () => {
    fc.assert(
      fc.property(objects, objects, (target, patch) => {
        const before = structuredClone([target, patch]);
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
        expect([target, patch]).toEqual(before);
      }),
    );
  });

  test('the key __proto__ is like any other', () => {
    const patch = JSON.parse('{"__proto__": {"polluted": true}}');
    expect(Object.keys(mergePatch({}, patch) as object)).toEqual(['__proto__']);
    expect({}).not.toHaveProperty('polluted');
  });
});
