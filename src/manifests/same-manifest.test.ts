import { expect, test } from 'vitest';
import { ownRelease } from '../releases/index.ts';
import { isSameManifest } from './same-manifest.ts';

const types = ownRelease.objectTypes;
const manifest = `apiVersion: v1
kind: Pod
metadata:
  name: kube-scheduler
  labels: { tier: control-plane, component: kube-scheduler }
spec:
  containers:
  - name: kube-scheduler
    command: [kube-scheduler, --leader-elect=true]
    resources: { requests: { cpu: 100m } }
`;

test('a manifest is the same as one with other layout, comments, order of keys and empty fields', () => {
  const other = `# by hand
kind: Pod
apiVersion: v1
spec:
  volumes: []
  containers:
  - command:
    - kube-scheduler
    - --leader-elect=true
    resources:
      requests:
        cpu: "100m"
    name: kube-scheduler
metadata:
  labels:
    component: kube-scheduler
    tier: control-plane
  name: kube-scheduler
status: {}
`;
  expect(isSameManifest(manifest, other, types)).toBe(true);
});

test.each([
  ['flag', '--leader-elect=true', '--leader-elect=false'],
  ['label', 'tier: control-plane', 'tier: other'],
  ['request', 'cpu: 100m', 'cpu: 200m'],
  ['flag that is missing', ', --leader-elect=true', ''],
])('a manifest with another %s is not the same', (_, from, to) => {
  expect(isSameManifest(manifest, manifest.replace(from, to), types)).toBe(false);
});

test.each(['', 'a: [', '- 1', 'text'])(
  'the text %j, which is not a manifest, differs from every text',
  (text) => {
    expect(isSameManifest(manifest, text, types)).toBe(false);
    expect(isSameManifest(text, text, types)).toBe(false);
  },
);
