import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { KubeadmError } from '../../errors.ts';
import type { KubeObject } from './kube-client.ts';
import { matchesFields, matchesLabels, selects } from './selectors.ts';

const labelled = (labels: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', labels },
  spec: { nodeName: 'node1' },
});

describe('labels', () => {
  const object = labelled({ app: 'dns', 'example.com/role': 'x', empty: '' });
  test.each([
    ['', true],
    ['app', true],
    ['!app', false],
    ['none', false],
    ['!none', true],
    ['app=dns', true],
    ['app==dns', true],
    ['app = dns', true],
    ['app!=dns', false],
    ['none!=dns', true],
    ['empty=', true],
    ['none=', false],
    ['app in (a,dns)', true],
    ['app in ( dns , b )', true],
    ['none in (dns)', false],
    ['app notin (a, b)', true],
    ['none notin (a)', true],
    ['app notin (dns)', false],
    ['app=dns,example.com/role in (x,y),!none', true],
    ['app=dns,example.com/role in (y,z)', false],
  ])('%s', (selector, expected) => {
    expect(matchesLabels(selector, object)).toBe(expected);
  });

  test('the selectors k=v and k in (v) match the same objects, and their negations match the others', () => {
    const word = fc.stringMatching(/^[a-z]([a-z0-9-]{0,5}[a-z0-9])?$/);
    fc.assert(
      fc.property(fc.dictionary(word, word), word, word, (labels, key, value) => {
        const item = labelled(labels);
        const equal = labels[key] === value;
        expect(matchesLabels(`${key}=${value}`, item)).toBe(equal);
        expect(matchesLabels(`${key} in (${value})`, item)).toBe(equal);
        expect(matchesLabels(`${key}!=${value}`, item)).toBe(!equal);
        expect(matchesLabels(`${key} notin (${value})`, item)).toBe(!equal);
      }),
    );
  });
});

test('a field selector takes any path of plain fields, treats a missing field as empty, and refuses a term without a comparison', () => {
  const object = labelled({});
  expect(matchesFields('metadata.name=p,spec.nodeName==node1', object)).toBe(true);
  expect(matchesFields('spec.nodeName!=node1', object)).toBe(false);
  expect(matchesFields('spec.none=', object)).toBe(true);
  expect(() => matchesFields('metadata.name', object)).toThrow(KubeadmError);
});

test('an object is selected only if namespace, labels and fields all match', () => {
  const object = labelled({ a: 'b' });
  expect(selects({ namespace: 'n', labelSelector: 'a=b', fieldSelector: 'metadata.name=p' }, object)).toBe(
    true,
  );
  for (const options of [
    { namespace: 'm' },
    { labelSelector: 'a=c' },
    { fieldSelector: 'metadata.name=q' },
  ]) {
    expect(selects({ namespace: 'n', ...options }, object)).toBe(false);
  }
});
