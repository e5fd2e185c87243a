import { describe, expect, test } from 'vitest';
import { directoryOf, joinPath } from './join-path.ts';

describe('joinPath', () => {
  test.each([
    [['/etc/kubernetes/pki', 'ca.crt'], '/etc/kubernetes/pki/ca.crt'],
    [['/etc/kubernetes/pki/', 'etcd/ca.crt'], '/etc/kubernetes/pki/etcd/ca.crt'],
    [['/a//b/./c', '../d'], '/a/b/d'],
    [['/..', 'a'], '/a'],
    [['a', '../../b'], '../b'],
    [['', 'a'], 'a'],
    [['a', '..'], '.'],
  ])('the joined path of %j is %s', (parts, expected) => {
    expect(joinPath(...parts)).toBe(expected);
  });
});

describe('directoryOf', () => {
  test.each([
    ['', '.'],
    ['ca.crt', '.'],
    ['/ca.crt', '/'],
    ['/a/b/', '/a/b'],
    ['/a//b/../ca.crt', '/a'],
  ])('the directory of %j is %s', (path, expected) => {
    expect(directoryOf(path)).toBe(expected);
  });
});
