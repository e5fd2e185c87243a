import { expect, test } from 'vitest';
import { withRuns } from '../facts.fixture.ts';
import { unknownFlag } from './unknown-flag.ts';

const log = ['Error: unknown flag: --nonsense'];

test('the rule for unknown flags names the component, its exit code, the flag and where it comes from', () => {
  expect(unknownFlag.find(withRuns('kube-apiserver', [{ log }, { log }]))).toEqual({
    code: 'container-failed',
    component: 'kube-apiserver',
    exitCode: 1,
    summary: 'kube-apiserver does not know the flag --nonsense and ends at once (exit code 1)',
    evidence: log,
    advice: expect.stringContaining('apiServer.extraArgs'),
  });
});

test('the rule for unknown flags shows the line of etcd that says it, not the usage text below', () => {
  const etcd = [
    'flag provided but not defined: -nonsense',
    'Usage:',
    '  etcd [flags]',
    '    Start an etcd server.',
  ];
  const cause = unknownFlag.find(withRuns('etcd', [{ exitCode: 2, log: etcd }], 2));
  expect(cause).toMatchObject({ component: 'etcd', exitCode: 2, evidence: [etcd[0]] });
});

test('the rule for unknown flags finds the line below the usage text of a scheduler', () => {
  const scheduler = [
    'Usage:',
    '  kube-scheduler [flags]',
    'Misc flags:',
    '      --config string    The path to the configuration file.',
    'Error: unknown flag: --nonsense',
  ];
  const cause = unknownFlag.find(withRuns('kube-scheduler', [{ log: scheduler }, { log: scheduler }]));
  expect(cause?.evidence).toEqual(['Error: unknown flag: --nonsense']);
});

test('the rule for unknown flags finds nothing in one exit, in an exit without error, or in other words', () => {
  expect(unknownFlag.find(withRuns('kube-apiserver', [{ log }]))).toBeUndefined();
  expect(unknownFlag.find(withRuns('kube-apiserver', [{ log }, { log, exitCode: 0 }]))).toBeUndefined();
  const other = ['Error: context deadline exceeded'];
  expect(unknownFlag.find(withRuns('kube-apiserver', [{ log: other }, { log: other }]))).toBeUndefined();
});
