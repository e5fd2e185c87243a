import { expect, test } from 'vitest';
import { withRuns } from '../facts.fixture.ts';
import { unknownAdmissionPlugin } from './unknown-admission-plugin.ts';

const log = [
  'I1124 19:31:58.794814       1 options.go:263] external host was not specified, using 10.88.0.10',
  'E1124 19:31:58.795452       1 run.go:72] "command failed" err="enable-admission-plugins plugin \\"Nonsense\\" is unknown"',
];

test('the rule for unknown admission plug-ins names the plug-in and the flag', () => {
  const cause = unknownAdmissionPlugin.find(withRuns('kube-apiserver', [{ log }, { log }]));
  expect(cause).toMatchObject({ component: 'kube-apiserver', exitCode: 1, evidence: log });
  expect(cause?.summary).toContain('the admission plug-in Nonsense of --enable-admission-plugins');
  expect(unknownAdmissionPlugin.find(withRuns('kube-apiserver', [{ log }]))).toBeUndefined();
});
