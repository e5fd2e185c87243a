import { expect, test } from 'vitest';

import { KubeadmError } from '../../errors.ts';
import { collectionPath, groupVersion, listQuery, objectPath, resourceOf } from './resources.ts';

test.each([
  ['v1', 'ConfigMap', 'ns', '/api/v1/namespaces/ns/configmaps'],
  ['v1', 'ConfigMap', undefined, '/api/v1/configmaps'],
  ['v1', 'Node', 'ns', '/api/v1/nodes'],
  ['apps/v1', 'DaemonSet', 'kube-system', '/apis/apps/v1/namespaces/kube-system/daemonsets'],
  [
    'rbac.authorization.k8s.io/v1',
    'ClusterRole',
    undefined,
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ],
])('the path of %s %s in %s is %s', (apiVersion, kind, namespace, path) => {
  expect(collectionPath(apiVersion, kind, namespace)).toBe(path);
});

test('an object of a namespaced kind without a namespace is in the namespace default', () => {
  expect(objectPath({ apiVersion: 'v1', kind: 'Pod', name: 'p' })).toBe('/api/v1/namespaces/default/pods/p');
  expect(objectPath({ apiVersion: 'v1', kind: 'Node', name: 'n', namespace: 'x' })).toBe('/api/v1/nodes/n');
  expect(objectPath({ apiVersion: 'v1', kind: 'Pod', name: 'a/b', namespace: 'c?' })).toBe(
    '/api/v1/namespaces/c%3F/pods/a%2Fb',
  );
});

test('a kind that is not in the table throws an internal error', () => {
  expect(() => resourceOf('v1', 'Endpoints')).toThrow(KubeadmError);
  expect(() => resourceOf('v2', 'Pod')).toThrow(/no API path is known for Pod of v2/);
});

test('groupVersion splits an apiVersion into group and version', () => {
  expect(groupVersion('v1')).toEqual({ group: '', version: 'v1' });
  expect(groupVersion('apps/v1')).toEqual({ group: 'apps', version: 'v1' });
});

test('listQuery contains exactly the options that are set', () => {
  expect(listQuery({})).toBe('');
  expect(listQuery({ namespace: 'n' })).toBe('');
  expect(listQuery({ labelSelector: 'a in (b)', limit: 0 }, { watch: 'true' })).toBe(
    '?watch=true&labelSelector=a+in+%28b%29&limit=0',
  );
});
