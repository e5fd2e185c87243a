import { expect, test } from 'vitest';
import { facts } from '../facts.fixture.ts';
import type { KubeletFacts } from '../facts.ts';
import { kubeletExits } from './kubelet-exits.ts';

const line = (time: string, pid: number, text: string): string =>
  `E1124 ${time}     ${pid} run.go:72] "command failed" err="${text}"`;
const flag = 'failed to run Kubelet: could not detect clock speed from output';
const first = { exitCode: 1, log: [line('19:27:24.219274', 209, flag)] };
const second = { exitCode: 1, log: [line('19:27:34.319597', 244, flag)] };
const early = {
  exitCode: 1,
  log: [line('19:27:14.1', 200, 'failed to run Kubelet: unable to load bootstrap kubeconfig: no such file')],
};

function find(changes: Partial<KubeletFacts>) {
  const kubelet = { state: 'activating', exitsEver: 2, exits: 2, runs: [first, second], ...changes };
  return kubeletExits.find(facts({ kubelet }))[0];
}

test('the rule for a kubelet that exits names what the kubelet said before it ended the second time', () => {
  expect(find({})).toMatchObject({
    code: 'kubelet-failed',
    component: 'kubelet',
    exitCode: 1,
    summary: `the kubelet exits, 2 times so far (exit code 1): ${flag}`,
    evidence: second.log,
    remedy: { kind: 'steps', commands: ['journalctl -xeu kubelet'] },
  });
});

test('the rule for a kubelet that exits counts an end just before the wait when the next one says the same', () => {
  expect(find({ exits: 1 })).toBeDefined();
  expect(find({ exits: 1, runs: [{ exitCode: 1, log: [] }, second] })).toBeDefined();
  expect(find({ exits: 1, runs: [{ exitCode: 2, log: [] }, second] })).toBeUndefined();
});

test('the rule for a kubelet that exits names a kubelet that systemd has given up', () => {
  expect(find({ state: 'failed', exitsEver: 1, exits: 1, runs: [first] })?.summary).toContain('given it up');
});

test('the rule for a kubelet that exits has patience with a kubelet that waits for its runtime', () => {
  const late = {
    exitCode: 1,
    log: [line('19:27:14.1', 200, 'failed to run Kubelet: validate service connection: connection refused')],
  };
  expect(find({ exits: 4, exitsEver: 4, runs: [late, late, late, late] })).toBeUndefined();
  expect(find({ exits: 5, exitsEver: 5, runs: [late, late] })).toBeDefined();
});

test.each([
  ['failed to parse kubelet flag: unknown flag: --nonsense', 'kubelet-arguments'],
  [
    'failed to set feature gates from initial flags-based config: unrecognized feature gate: Nonsense',
    'kubelet-arguments',
  ],
  ['failed to load kubelet config file, path: /x, error: strict decoding error', 'kubelet-configuration'],
  [
    "failed to run Kubelet: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    'kubelet-configuration',
  ],
  [
    'failed to run Kubelet: running with swap on is not supported, please disable swap or set --fail-swap-on flag to false',
    'steps',
  ],
])('one end is enough for a kubelet that refuses what it reads: %s', (text, kind) => {
  const run = { exitCode: 1, log: [line('19:27:24.219274', 209, text)] };
  const found = find({ exits: 0, exitsEver: 1, runs: [run] });
  expect(found).toMatchObject({ certainty: 'certain', remedy: { kind } });
  expect(found?.summary).toContain(text);
});

test.each<readonly [string, Partial<KubeletFacts>]>([
  ['one end', { exitsEver: 1, exits: 1, runs: [first] }],
  ['ends before the wait only', { exitsEver: 5, exits: 0, runs: [first] }],
  ['it runs again', { state: 'active' }],
  [
    'it ended before because its kubeconfig was missing, and once since',
    { exitsEver: 4, exits: 1, runs: [early, second] },
  ],
  ['it ended without an error', { runs: [first, { exitCode: 0, log: [] }] }],
])('the rule for a kubelet that exits finds no proof in: %s', (_, changes) => {
  expect(find(changes)).toBeUndefined();
});

test.each([
  'part of the existing bootstrap client certificate in /etc/kubernetes/kubelet.conf is expired: 2021-01-01 00:00:00 +0000 UTC',
  'unable to read existing bootstrap client config from /etc/kubernetes/kubelet.conf: invalid configuration: [unable to read client-cert /var/lib/kubelet/pki/kubelet-client-current.pem for default-auth due to open /var/lib/kubelet/pki/kubelet-client-current.pem: no such file or directory]',
  'unable to load TLS configuration from existing bootstrap client config read from /etc/kubernetes/kubelet.conf: tls: private key does not match public key',
])('a kubelet without a bootstrap kubeconfig is named with what its own kubeconfig lacks: %s', (why) => {
  const log = [
    `E1201 09:36:02.744068     313 bootstrap.go:267] "Unhandled Error" err="${why}"`,
    'E1201 09:36:02.754068     313 run.go:72] "command failed" err="failed to run Kubelet: unable to load bootstrap kubeconfig: stat /etc/kubernetes/bootstrap-kubelet.conf: no such file or directory"',
  ];
  const run = { exitCode: 1, log };
  const found = find({ runs: [run, run] });
  expect(found?.summary).toContain(`(exit code 1): ${why} (failed to run Kubelet: unable to load bootstrap`);
  expect(found?.remedy).toMatchObject({
    commands: [expect.stringContaining('kubeconfig user'), expect.any(String)],
  });
});
