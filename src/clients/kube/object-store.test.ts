import { expect, test } from 'vitest';

import type { KubeObject } from './kube-client.ts';
import { createObjectStore } from './object-store.ts';

const object = (name: string, more: Readonly<Record<string, unknown>> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'n' },
  ...more,
});
const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, namespace: 'n' });

test('the object store copies the objects that it gets and returns', () => {
  const store = createObjectStore();
  const given = { ...object('a'), data: { key: 'one' } };
  const created = store.create(given);
  given.data.key = 'changed';
  (created as unknown as { data: { key: string } }).data.key = 'changed';
  expect(store.get(ref('a')).data).toEqual({ key: 'one' });
});

test('listeners of the object store get changes in order, but nothing for put and nothing after they unsubscribe', () => {
  const store = createObjectStore();
  const heard: string[] = [];
  const leave = store.onChange(
    ({ type, object: { metadata } }) => void heard.push(`${type} ${metadata.name}`),
  );
  store.create(object('a'));
  store.put(object('silent'));
  store.patch(ref('a'), 'merge', { data: { x: '1' } });
  store.update(object('a'));
  store.delete(ref('a'));
  leave();
  store.create(object('b'));
  expect(heard).toEqual(['ADDED a', 'MODIFIED a', 'MODIFIED a', 'DELETED a']);
  expect(store.all().map(({ metadata }) => metadata.name)).toEqual(['silent', 'b']);
});

test('an update keeps uid and creationTimestamp, and removes fields that it does not contain', () => {
  const store = createObjectStore({ now: () => new Date('2026-01-02T03:04:05.678Z') });
  const { metadata } = store.create(object('a', { data: { x: '1' } }));
  expect(metadata.creationTimestamp).toBe('2026-01-02T03:04:05Z');
  const updated = store.update(object('a'));
  expect(updated.metadata).toMatchObject({
    uid: metadata.uid,
    creationTimestamp: metadata.creationTimestamp,
  });
  expect(updated.data).toBeUndefined();
});

test('a patch that fails leaves the object unchanged', () => {
  const store = createObjectStore();
  store.create(object('a', { data: { x: '1' } }));
  const before = store.get(ref('a'));
  expect(() => store.patch(ref('a'), 'json', [{ op: 'remove', path: '/none' }])).toThrow();
  expect(() => store.patch(ref('a'), 'json', {})).toThrow(/list of operations/);
  expect(() => store.patch(ref('a'), 'merge', { kind: null })).toThrow(/leaves no object/);
  expect(store.get(ref('a'))).toEqual(before);
});
