import { expect, test } from 'vitest';
import { parsePatchFileName } from './file-name.ts';

const patch = (target: string, type: string) => ({ kind: 'patch', target, type });

test.each([
  ['kube-apiserver.yaml', patch('kube-apiserver', 'strategic')],
  ['kube-apiserver0+merge.yaml', patch('kube-apiserver', 'merge')],
  ['etcd-first+json.json', patch('etcd', 'json')],
  ['etcd+jsonx.yaml', patch('etcd', 'json')],
  ['kubeletconfiguration+strategic.json', patch('kubeletconfiguration', 'strategic')],
  ['corednsdeployment.x.yaml', patch('corednsdeployment', 'strategic')],
  ['kube-scheduler+.yaml', { kind: 'unknown-type' }],
  ['kube-scheduler+other.yaml', { kind: 'unknown-type' }],
  ['kube-proxy.yaml', { kind: 'ignored', reason: 'target' }],
  ['my-etcd.yaml', { kind: 'ignored', reason: 'target' }],
  ['etcd.yml', { kind: 'ignored', reason: 'extension' }],
  ['.yaml', { kind: 'ignored', reason: 'extension' }],
])('the file name %s of a patch is read as upstream reads it', (name, expected) => {
  expect(parsePatchFileName(name)).toEqual(expected);
});
