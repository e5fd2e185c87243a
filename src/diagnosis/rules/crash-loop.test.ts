import { expect, test } from 'vitest';
import { withRuns } from '../facts.fixture.ts';
import { wordRemedy } from '../remedy.ts';
import { crashLoop } from './crash-loop.ts';

const log = ['panic: listen tcp 127.0.0.1:2381: bind: address already in use'];
const run = { log };

test('the rule for crash loops names a container that ended twice in the same way by itself, and the reason', () => {
  expect(crashLoop.find(withRuns('etcd', [run, run]))).toMatchObject([
    {
      component: 'etcd',
      exitCode: 1,
      summary:
        'etcd keeps ending (2 times, exit code 1): listen tcp 127.0.0.1:2381: bind: address already in use',
      evidence: log,
    },
  ]);
});

const refused = 'dial tcp 10.88.0.10:2380: connect: connection refused';

/** A run of a new member of etcd 3.6.8 that no other member has answered. */
function lonely(error: string) {
  return {
    log: [
      `{"level":"warn","ts":"2026-12-01T16:53:10.287313Z","caller":"etcdserver/cluster_util.go:86","msg":"failed to get cluster response","address":"https://10.88.0.10:2380/members","error":"Get \\"https://10.88.0.10:2380/members\\": ${error}"}`,
      '{"level":"fatal","ts":"2026-12-01T16:53:10.32319Z","caller":"etcdmain/etcd.go:183","msg":"discovery failed","error":"cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs"}',
    ],
  };
}

test('the rule for crash loops names the reason of the runtime for a program that never started', () => {
  const message =
    'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "etcd": executable file not found in $PATH';
  const unstarted = { exitCode: 128, reason: 'StartError', message, ranMs: 0 };
  const [found] = crashLoop.find(withRuns('etcd', [unstarted, unstarted, unstarted]));
  expect(found?.summary).toContain('exec: "etcd": executable file not found');
});

test('an address that this machine does not have leads to the advertise address and a reset', () => {
  const address = { log: ['panic: listen tcp 1.2.3.4:2380: bind: cannot assign requested address'] };
  const [found] = crashLoop.find(withRuns('etcd', [address, address]));
  expect(found && wordRemedy(found.remedy, 'init').text).toMatch(
    /localAPIEndpoint\.advertiseAddress.*`kubeadm reset`.*`kubeadm init`/,
  );
});

test.each([
  ['one end', [run]],
  ['twice, with different faults', [run, { log: ['panic: open /x: permission denied'] }]],
  ['killed from outside', [run, run, { log, exitCode: 137 }]],
  [
    'after a long time, with a fault that may pass',
    [
      { log: ['panic: not yet'], ranMs: 20_512 },
      { log: ['panic: not yet'], ranMs: 20_512 },
    ],
  ],
  [
    'before the roles of the API server exist',
    [{ log: ['Error: forbidden'] }, { log: ['Error: forbidden'] }],
  ],
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
    'because etcd is missing',
    Array.from({ length: 4 }, () => ({
      log: ['E1124 19:21:21.2 1 run.go:72] "command failed" err="context deadline exceeded"'],
    })),
  ],
  [
    'because the API server is missing',
    Array.from({ length: 4 }, () => ({ log: ['dial tcp 10.88.0.10:6443: connect: connection refused'] })),
  ],
  ['because another member of etcd is missing', Array.from({ length: 4 }, () => lonely(refused))],
])('the rule for crash loops finds no proof in: %s', (_, runs) => {
  expect(crashLoop.find(withRuns('kube-apiserver', runs))).toEqual([]);
});

test('a new member of etcd that does not trust the others is a cause', () => {
  const untrusted = lonely(
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  );
  expect(crashLoop.find(withRuns('etcd', [untrusted, untrusted]))).toMatchObject([{ certainty: 'certain' }]);
});

test('a fatal error of klog ends a program with 255, and a signal that it got before is not its own fault', () => {
  const fatal =
    'F1201 09:24:48.211766       1 hooks.go:203] PostStartHook "scheduling/bootstrap-system-priority-classes" failed: unable to add default system priority classes: priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: admission control is denying all modifications';
  const shutdown = 'I1201 09:24:47.5 1 tlsconfig.go:258] "Shutting down DynamicServingCertificateController"';
  const run = { exitCode: 255, ranMs: 6_000 };
  const own = { ...run, log: [fatal] };
  const asked = { ...run, log: [shutdown, fatal] };
  expect(crashLoop.find(withRuns('kube-apiserver', [own, own]))).toMatchObject([
    { certainty: 'certain', summary: expect.stringContaining('admission control is denying all') },
  ]);
  // Nothing but a user changes the plug-ins, so a single end is enough.
  expect(crashLoop.find(withRuns('kube-apiserver', [own]))).toHaveLength(1);
  expect(crashLoop.find(withRuns('kube-apiserver', [asked, asked]))).toEqual([]);
});

test('a program that crashes with a signal of its own is a cause', () => {
  const crash = { exitCode: 139, ranMs: 30 };
  expect(crashLoop.find(withRuns('etcd', [crash, crash]))).toMatchObject([
    { exitCode: 139, summary: expect.stringContaining('its program crashes (SIGSEGV)') },
  ]);
});
