import { expect, test } from 'vitest';
import { dryArguments, refusalIn } from './dry-form.ts';

const ended = (stderr: string, code = 1) => ({ code, stdout: '', stderr });
const klog = (error: string): string =>
  `Flag --x has been deprecated\nE1201 00:57:09.768625   22360 run.go:72] "command failed" err="${error}"\n`;

test('the dry form of a command line has no argument that writes a file, and ends before it does anything', () => {
  expect(dryArguments(['--cert-dir=/var/lib/kubelet/pki', '--v=2'])).toEqual([
    '--v=2',
    '--tls-cert-file=/dev/null',
    '--tls-private-key-file=/dev/null',
    '--tls-min-version=VersionOfKubeadm',
  ]);
});

test.each([
  'failed to construct kubelet dependencies: unknown tls version \\"VersionOfKubeadm\\"',
  'open /etc/x.yaml: no such file or directory',
])('the end of the kubelet with %s is not a refusal', (error) => {
  expect(refusalIn(ended(klog(error)))).toBeUndefined();
});

test('the reason of a refusal is that of the kubelet', () => {
  const error =
    'failed to validate kubelet configuration, error: maxPods -3 must not be negative, path: &TypeMeta{Kind:,}';
  expect(refusalIn(ended(klog(error)))).toBe(
    'the kubelet refuses its flags or its configuration: failed to validate kubelet configuration, error: maxPods -3 must not be negative',
  );
});
