import { expect, test } from 'vitest';
import { withRuns } from '../facts.fixture.ts';
import { invalidFlagValue, unknownAdmissionPlugin, unknownFlag } from './refused-argument.ts';

const log = ['Error: unknown flag: --nonsense'];

test('the rule for unknown flags names the component, its exit code, the flag and where it comes from', () => {
  expect(unknownFlag.find(withRuns('kube-apiserver', [{ log }, { log }]))).toEqual([
    {
      code: 'container-failed',
      component: 'kube-apiserver',
      certainty: 'certain',
      exitCode: 1,
      summary: 'kube-apiserver does not know the flag --nonsense and ends at once (exit code 1)',
      evidence: log,
      remedy: { kind: 'arguments', component: 'kube-apiserver' },
    },
  ]);
});

test('the rule for unknown flags shows the line of etcd, and not the usage text below', () => {
  const etcd = [
    'flag provided but not defined: -nonsense',
    'Usage:',
    '  etcd [flags]',
    '    Start an etcd server.',
  ];
  expect(unknownFlag.find(withRuns('etcd', [{ exitCode: 2, log: etcd }], 2))).toMatchObject([
    { component: 'etcd', exitCode: 2, evidence: [etcd[0]] },
  ]);
});

test('the rule for unknown flags finds the line below the usage text of a scheduler', () => {
  const scheduler = [
    'Usage:',
    '  kube-scheduler [flags]',
    'Misc flags:',
    '      --config string    The path to the configuration file.',
    'Error: unknown flag: --nonsense',
  ];
  expect(
    unknownFlag.find(withRuns('kube-scheduler', [{ log: scheduler }, { log: scheduler }])),
  ).toMatchObject([{ evidence: ['Error: unknown flag: --nonsense'] }]);
});

test('the rule for unknown flags needs one exit, because nothing but a user changes the flags', () => {
  expect(unknownFlag.find(withRuns('kube-apiserver', [{ log }]))).toMatchObject([{ certainty: 'certain' }]);
});

test('the rule for unknown flags finds nothing in an exit without error, or in other words', () => {
  expect(unknownFlag.find(withRuns('kube-apiserver', [{ log }, { log, exitCode: 0 }]))).toEqual([]);
  const other = ['Error: context deadline exceeded'];
  expect(unknownFlag.find(withRuns('kube-apiserver', [{ log: other }, { log: other }]))).toEqual([]);
});

test.each([
  [
    'etcd',
    2,
    'invalid value "abc" for flag -heartbeat-interval: parse error',
    'refuses the value of a flag (--heartbeat-interval)',
  ],
  [
    'kube-apiserver',
    1,
    'Error: invalid argument "abc" for "-v, --v" flag: strconv.ParseUint: parsing "abc": invalid syntax',
    'refuses the value of a flag (--v)',
  ],
  [
    'etcd',
    1,
    '{"level":"warn","caller":"etcdmain/etcd.go:66","msg":"failed to verify flags","error":"unknown auto-compaction-mode \\"bad\\""}',
    'refuses the value of a flag (unknown auto-compaction-mode "bad")',
  ],
  [
    'kube-scheduler',
    1,
    'Error: invalid argument "Nonsense=true" for "--feature-gates" flag: unrecognized feature gate: Nonsense',
    'refuses the value of a flag (--feature-gates)',
  ],
])(
  'the rule for invalid flag values names what %s refuses (exit code %i)',
  (component, exitCode, line, what) => {
    const run = { log: [line], exitCode };
    const [found] = invalidFlagValue.find(withRuns(component, [run, run]));
    expect(found).toMatchObject({ component, exitCode });
    expect(found?.summary).toContain(`${component} ${what}`);
  },
);

test('the rule for unknown admission plug-ins names the plug-in and the flag', () => {
  const lines = [
    'I1124 19:31:58.794814       1 options.go:263] external host was not specified, using 10.88.0.10',
    'E1124 19:31:58.795452       1 run.go:72] "command failed" err="enable-admission-plugins plugin \\"Nonsense\\" is unknown"',
  ];
  const [found] = unknownAdmissionPlugin.find(withRuns('kube-apiserver', [{ log: lines }, { log: lines }]));
  expect(found).toMatchObject({ component: 'kube-apiserver', exitCode: 1, evidence: lines });
  expect(found?.summary).toContain('the admission plug-in Nonsense of --enable-admission-plugins');
});
