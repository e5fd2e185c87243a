import { expect, test } from 'vitest';
import { diagnose } from '../diagnose.ts';
import { withRuns } from '../facts.fixture.ts';
import { endsWithoutError } from './ends-without-error.ts';

const version = { exitCode: 0, reason: 'Completed', ranMs: 140, log: ['Kubernetes v1.36.2'] };

test('a component that only prints its version is not killed by a probe', () => {
  expect(diagnose(withRuns('kube-scheduler', [version, version, version]))).toMatchObject([
    {
      rule: 'ends-without-error',
      certainty: 'certain',
      summary:
        'kube-scheduler ends at once without an error (exit code 0, 3 times), because its arguments or its command do not start a server: it prints "Kubernetes v1.36.2"',
      remedy: { kind: 'arguments' },
    },
  ]);
});

test('a single look sees the last run only, and a slow first run proves nothing', () => {
  expect(endsWithoutError.find(withRuns('kube-scheduler', [version], 3))).toHaveLength(1);
  const slow = { ...version, ranMs: 4_000 };
  expect(endsWithoutError.find(withRuns('kube-scheduler', [slow, version, version]))).toHaveLength(1);
});

test.each([
  ['it ended once', [version]],
  ['it was asked to end', [version, { ...version, log: ['I1201 1 server.go] "Shutting down"'] }]],
  ['it ran for longer', [version, { ...version, ranMs: 2_500 }]],
  ['it ended with an error', [version, { ...version, exitCode: 1 }]],
])('a component does not end without an error if %s', (_, runs) => {
  expect(endsWithoutError.find(withRuns('kube-scheduler', runs))).toEqual([]);
});
