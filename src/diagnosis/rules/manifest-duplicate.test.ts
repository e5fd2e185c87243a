import { expect, test } from 'vitest';
import { diagnose } from '../diagnose.ts';
import { facts, machine, running, withRuns } from '../facts.fixture.ts';

const path = '/etc/kubernetes/manifests/kube-apiserver.yaml.bak';
const duplicateManifests = [{ component: 'kube-apiserver', path }];

test('a copy of a manifest is named with both paths, and does not end a wait', () => {
  const found = diagnose(facts({ components: running, machine: machine({ duplicateManifests }) }));
  expect(found).toMatchObject([
    {
      rule: 'manifest-duplicate',
      certainty: 'likely',
      summary: `the file ${path} is a second manifest of kube-apiserver, so the kubelet may run this one and ignore /etc/kubernetes/manifests/kube-apiserver.yaml`,
    },
  ]);
});

test('a copy of a manifest does not hide why the component ends', () => {
  const run = { log: ['Error: unknown flag: --nonsense'] };
  const seen = { ...withRuns('kube-apiserver', [run]), machine: machine({ duplicateManifests }) };
  expect(diagnose(seen).map(({ rule }) => rule)).toEqual(['unknown-flag', 'manifest-duplicate']);
});
