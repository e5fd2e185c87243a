import fc from 'fast-check';
import { createPatch } from 'rfc6902';
import { describe, expect, test } from 'vitest';
import { applyJsonPatch, checkJsonPatch } from './json-patch.ts';

const document = { a: { 'x/y': 1, 'm~n': 2 }, list: [1, 2, 3] };

describe('applyJsonPatch', () => {
  test.each([
    [[{ op: 'add', path: '/list/-', value: 4 }], { ...document, list: [1, 2, 3, 4] }],
    [[{ op: 'add', path: '/list/1', value: 9 }], { ...document, list: [1, 9, 2, 3] }],
    [[{ op: 'replace', path: '/list/-1', value: 9 }], { ...document, list: [1, 2, 9] }],
    [[{ op: 'remove', path: '/a/x~1y' }], { ...document, a: { 'm~n': 2 } }],
    [[{ op: 'replace', path: '/a/m~0n', value: null }], { ...document, a: { 'x/y': 1, 'm~n': null } }],
    [[{ op: 'move', from: '/list', path: '/moved' }], { a: document.a, moved: [1, 2, 3] }],
    [[{ op: 'copy', from: '/list/0', path: '/list/-' }], { ...document, list: [1, 2, 3, 1] }],
    [[{ op: 'test', path: '/list', value: [1, 2, 3] }], document],
    [[{ op: 'add', path: '/b' }], { ...document, b: null }],
    [[], document],
  ])('the patch %j changes the document as RFC 6902 says', (patch, expected) => {
    expect(applyJsonPatch(document, patch)).toEqual(expected);
    expect(document.list).toEqual([1, 2, 3]);
  });

  test.each([
    [[{ op: 'remove', path: '/none' }], 'operation 1 (remove /none): there is nothing at /none'],
    [[{ op: 'add', path: '/none/b', value: 1 }], '(add /none/b): there is nothing at /none'],
    [[{ op: 'add', path: '/a/none/b/c', value: 1 }], 'there is nothing at /a/none'],
    [[{ op: 'copy', from: '/a/none', path: '/b' }], 'there is nothing at /a/none'],
    [[{ op: 'move', from: '/a', path: '/none/b' }], 'there is nothing at /none'],
    [[{ op: 'replace', path: '/none', value: 1 }], 'there is nothing at /none'],
    [[{ op: 'replace', path: '/list/-', value: 1 }], 'there is nothing at /list/-'],
    [[{ op: 'remove', path: '/list/-' }], 'there is nothing at /list/-'],
    [[{ op: 'replace', path: '/list/-4', value: 1 }], 'there is nothing at /list/-4'],
    [[{ op: 'test', path: '/list/0', value: 2 }], 'another one'],
  ])('the error for %j names the operation that cannot be applied', (patch, message) => {
    expect(() => applyJsonPatch(document, patch)).toThrow(message);
  });

  describe('a key that every JavaScript object has is like any other', () => {
    const keys = ['constructor', 'prototype', '__proto__', 'toString', 'hasOwnProperty'];
    const withLabel = (json: string): unknown => JSON.parse(`{"labels": ${json}, "name": "x"}`);

    test.each(keys)('the key %s is added, replaced, copied and removed', (key) => {
      const path = `/labels/${key}`;
      const add = { op: 'add', path, value: {} };
      const inner = { op: 'add', path: `${path}/x`, value: 1 };
      const text = (patch: unknown) => JSON.stringify(applyJsonPatch(withLabel('{}'), patch));
      expect(text([add, inner])).toBe(`{"labels":{"${key}":{"x":1}},"name":"x"}`);
      expect(text([add, { op: 'replace', path, value: 2 }])).toBe(`{"labels":{"${key}":2},"name":"x"}`);
      expect(text([add, { op: 'move', from: path, path: '/name' }])).toBe('{"labels":{},"name":{}}');
      expect(text([add, inner, { op: 'remove', path }])).toBe('{"labels":{},"name":"x"}');
    });

    test.each(keys)('the key %s is missing in a document without it', (key) => {
      const path = `/labels/${key}`;
      for (const operation of [
        { op: 'remove', path },
        { op: 'replace', path, value: 1 },
        { op: 'copy', from: path, path: '/name' },
        { op: 'add', path: `${path}/x`, value: 1 },
      ]) {
        expect(() => applyJsonPatch(withLabel('{}'), [operation])).toThrow(`there is nothing at ${path}`);
      }
    });
  });

  test('the patch between two documents turns the first into the second', () => {
    const inherited = fc.constantFrom('constructor', 'prototype', 'toString', '=', '=constructor');
    // The library that makes the patch refuses the key `__proto__`.
    const key = fc.oneof(
      inherited,
      fc.string().filter((name) => name !== '__proto__'),
    );
    const anyDocument = fc.object({ maxDepth: 3, key });
    fc.assert(
      fc.property(anyDocument, anyDocument, (from, to) => {
        const [one, other] = [JSON.parse(JSON.stringify(from)), JSON.parse(JSON.stringify(to))];
        expect(applyJsonPatch(one, createPatch(one, other))).toEqual(other);
      }),
    );
  });
});

describe('checkJsonPatch', () => {
  test.each([
    [{}, 'list'],
    [[1], 'operation 1 must be an object'],
    [[{ op: 'set', path: '/a' }], 'op must be one of'],
    [[{ op: 'add', path: 'a' }], 'path'],
    [[{ op: 'add', path: '' }], 'path'],
    [[{ op: 'move', path: '/a' }], 'from'],
  ])('refuses %j', (patch, message) => {
    expect(checkJsonPatch(patch)).toContain(message);
  });
});
