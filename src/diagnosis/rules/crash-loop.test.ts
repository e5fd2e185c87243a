import { expect, test } from 'vitest';
import { withRuns } from '../facts.fixture.ts';
import { crashLoop } from './crash-loop.ts';

const log = ['panic: listen tcp 127.0.0.1:2381: bind: address already in use'];
const run = { log };

test('the rule for crash loops names a container that ended three times by itself', () => {
  expect(crashLoop.find(withRuns('etcd', [run, run], 3))).toMatchObject({
    component: 'etcd',
    exitCode: 1,
    summary:
      'etcd keeps exiting: 3 times, last with exit code 1: listen tcp 127.0.0.1:2381: bind: address already in use',
    evidence: log,
  });
  const killed = { log, exitCode: 137, reason: 'OOMKilled' };
  expect(crashLoop.find(withRuns('etcd', [killed, killed, killed]))?.summary).toContain('137 (OOMKilled)');
  const unstarted = { exitCode: 128, reason: 'StartError', message: 'exec: "etcd": not found', ranMs: 0 };
  expect(crashLoop.find(withRuns('etcd', [unstarted, unstarted, unstarted]))?.summary).toContain(
    '(StartError: exec: "etcd": not found)',
  );
});

test('an address that this machine does not have leads to the advertise address and a reset', () => {
  const address = { log: ['panic: listen tcp 1.2.3.4:2380: bind: cannot assign requested address'] };
  expect(crashLoop.find(withRuns('etcd', [address, address], 3))?.advice).toMatch(
    /localAPIEndpoint\.advertiseAddress.*`kubeadm reset`/,
  );
});

test.each([
  ['twice, with a fault that may pass', [{ log: ['panic: not yet'] }, { log: ['panic: not yet'] }]],
  ['twice, with different faults', [run, { log: ['panic: open /x: permission denied'] }]],
  ['killed from outside', [run, run, { log, exitCode: 137 }]],
  ['after a long time', [run, run, { log, ranMs: 20_512 }]],
  [
    'called off with the kubelet',
    [
      run,
      run,
      { log, exitCode: 128, reason: 'StartError', message: 'failed to create task: context canceled' },
    ],
  ],
  ['without an error', [run, run, { log, exitCode: 0 }]],
  [
    'for want of etcd',
    Array.from({ length: 4 }, () => ({
      log: ['E1124 19:21:21.2 1 run.go:72] "command failed" err="context deadline exceeded"'],
    })),
  ],
  [
    'for want of the API server',
    Array.from({ length: 4 }, () => ({ log: ['dial tcp 10.88.0.10:6443: connect: connection refused'] })),
  ],
])('the rule for crash loops finds no proof in: %s', (_, runs) => {
  expect(crashLoop.find(withRuns('kube-apiserver', runs))).toBeUndefined();
});
