import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

import { diagnose } from '../diagnose.ts';
import { withRuns } from '../facts.fixture.ts';
import { containerLog } from './container-log.ts';
import { lastWords, repeatedFault } from './last-words.ts';

/** Output of real components: etcd 3.6.8 and kube-apiserver 1.36.2, started with a fault. */
const folder = path.join(import.meta.dirname, 'testdata');

async function realLog(name: string): Promise<readonly string[]> {
  return await containerLog({ read: async () => readFileSync(path.join(folder, name)) }, name);
}

const reasons: Readonly<Record<string, string>> = {
  'etcd-corrupt.txt': 'failed to open database: invalid database',
  'etcd-disk-full.txt': 'failed to create WAL: no space left on device',
  'etcd-name.txt': 'couldn\'t find local name "cp" in the initial cluster configuration',
  'etcd-read-only.txt': 'cannot access data directory: open /var/lib/etcd/.touch: read-only file system',
  'kube-apiserver-etcd-ca.txt': '(error creating storage factory: context deadline exceeded)',
};

test('every recorded log has its reason', () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(reasons).sort());
});

test('a server certificate of another authority is the reason for a connection that never came', async () => {
  expect(lastWords(await realLog('kube-apiserver-etcd-ca.txt'))?.reason).toMatch(
    /^tls: failed to verify certificate: x509: /,
  );
});

describe.each(Object.entries(reasons))('the recorded log %s', (name, reason) => {
  test('its last words are the reason, on lines that a person can read', async () => {
    const words = lastWords(await realLog(name));
    expect(words).toMatchObject({ reason: expect.stringContaining(reason), waitsForAnother: false });
    expect(words?.evidence.join('\n')).not.toMatch(/stacktrace|goroutine|"ts":/);
  });

  test('a component that ended so again and again is the cause, with the reason in its first line', async () => {
    const component = name.startsWith('etcd') ? 'etcd' : 'kube-apiserver';
    const ranMs = component === 'etcd' ? 900 : 20_500;
    const log = await realLog(name);
    const facts = withRuns(
      component,
      [1, 2, 3].map(() => ({ log, ranMs })),
    );
    const summaries = diagnose(facts).map(({ summary }) => summary);
    expect(summaries).toEqual([expect.stringContaining(reason)]);
  });
});

test.each([
  ['cobra', ['Error: unknown flag: --x', 'Usage:', '  --y   text'], 'unknown flag: --x'],
  [
    'Go',
    ['panic: runtime error: index out of range', '', 'goroutine 1 [running]:', 'main.main()'],
    'runtime error: index out of range',
  ],
  ['klog', ['E1124 19:27:24.2 9 run.go:72] "command failed" err="no kubeconfig"', 'exit'], 'no kubeconfig'],
  ['klog with severity F', ['F1124 19:27:24.2 9 x.go:1] cannot go on'], 'cannot go on'],
  ['any other program', ['one', 'two', ''], 'two'],
])('the last words of %s are found', (_program, log, reason) => {
  expect(lastWords(log)?.reason).toBe(reason);
});

test('an empty log has no last words', () => {
  expect(lastWords([])).toBeUndefined();
});

test('a flag with "timeout" in its name does not make a program one that waits', () => {
  const log = ['{"level":"info","ts":"x","msg":"start","election-timeout":"1s"}', 'panic: bad magic number'];
  expect(lastWords(log)).toMatchObject({ reason: 'bad magic number', waitsForAnother: false });
});

test('the words of a server about its callers are not a reason for its end', () => {
  const log = [
    'I1124 19:27:24.2 9 server.go:1] http: TLS handshake error from 10.0.0.1: remote error: tls: bad certificate',
    'E1124 19:27:24.2 9 run.go:72] "command failed" err="context deadline exceeded"',
  ];
  expect(lastWords(log)).toMatchObject({ reason: 'context deadline exceeded', waitsForAnother: true });
});

test('the last error counts if a program logs something else before it ends', () => {
  const error =
    'E1201 09:36:02.744068     313 server.go:260] "Failed to create listener for podResources endpoint" err="listen unix /var/lib/kubelet/pod-resources/4205429416: socket: too many open files"';
  const rest = 'I1201 09:36:02.743891     313 server_v1.go:49] "podresources" method="list"';
  expect(lastWords([error, rest])).toMatchObject({
    reason: expect.stringMatching(/^Failed to create listener .*: too many open files$/),
    evidence: [error],
    isLasting: true,
  });
});

test('the error of a last line in the format of klog belongs to its reason', () => {
  const line =
    'E1201 09:28:15.101 313 kubelet.go:1703] "Failed to start ContainerManager" err="system validation failed - Following Cgroup subsystem not mounted: [memory]"';
  expect(lastWords([line])).toMatchObject({
    reason:
      'Failed to start ContainerManager: system validation failed - Following Cgroup subsystem not mounted: [memory]',
    refusesInput: true,
  });
});

test('a limit of processes is named, and not the function of Go that met it', () => {
  const log = [
    'runtime: failed to create new OS thread (have 5 already; errno=11)',
    'runtime: may need to increase max user processes (ulimit -u)',
    'fatal error: newosproc',
    'goroutine 22 gp=0x16f764d07a40 m=nil [cleanup wait]:',
  ];
  expect(lastWords(log)?.reason).toBe('failed to create new OS thread (have 5 already; errno=11)');
});

test.each([
  '"Unhandled Error" err="v1beta1.metrics.k8s.io failed with: failing or missing response from https://10.96.0.7:443/apis/metrics.k8s.io/v1beta1: tls: failed to verify certificate: x509: certificate signed by unknown authority"',
  'Failed calling webhook, failing open a.example: failed calling webhook "a.example": tls: failed to verify certificate: x509: certificate signed by unknown authority',
])('a fault of a server of another kind is not one of the API server', (message) => {
  const line = `E1201 09:09:05.058462 1 controller.go:146] ${message}`;
  expect(repeatedFault([line, line, line])).toBeUndefined();
  const last = 'E1201 09:09:06.058462 1 run.go:72] "command failed" err="context deadline exceeded"';
  expect(lastWords([line, last])).toMatchObject({ waitsForAnother: true, isLasting: false });
});

test('a controller manager that cannot make its controllers has not only lost its lease', () => {
  const log = [
    'E1201 12:58:12.287521     128 controllermanager.go:637] "Error initializing a controller" err="Controller: Invalid --cluster-cidr, mask size of cluster CIDR must be less than or equal to --node-cidr-mask-size configured for CIDR family" controller="node-ipam-controller"',
    'E1201 12:58:12.287591     128 controllermanager.go:278] "Error building controllers" err="Controller: Invalid --cluster-cidr, mask size of cluster CIDR must be less than or equal to --node-cidr-mask-size configured for CIDR family"',
    'E1201 12:58:12.288550     128 controllermanager.go:413] "leaderelection lost/stopped"',
  ];
  const [found, ...others] = diagnose(withRuns('kube-controller-manager', [{ log }, { log }]));
  expect(found?.summary).toMatch(/Error building controllers: Controller: Invalid --cluster-cidr, mask size/);
  expect(others).toEqual([]);
});

test('a controller manager that waits for the API server has a reason that heals', () => {
  const log = [
    'E1201 12:58:12.287591     128 controllermanager.go:271] "Error building controller context" err="failed to wait for apiserver being healthy: timed out waiting for the condition"',
    'E1201 12:58:12.288550     128 controllermanager.go:413] "leaderelection lost/stopped"',
  ];
  expect(diagnose(withRuns('kube-controller-manager', [{ log }, { log }, { log }]))).toEqual([]);
});
