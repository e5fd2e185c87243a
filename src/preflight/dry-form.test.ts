import { expect, test } from 'vitest';
import { dryArguments, refusalIn } from './dry-form.ts';

const ended = (stderr: string, code = 1) => ({ code, stdout: '', stderr });
const klog = (error: string): string =>
  `Flag --x has been deprecated\nE1201 00:57:09.768625   22360 run.go:72] "command failed" err="${error}"\n`;

test('the dry form of a command line has no argument that writes a file, and ends before it does anything', () => {
  expect(
    dryArguments('etcd', ['--data-dir=/var/lib/etcd', '--log-outputs=/var/log/etcd', '--name=a']),
  ).toEqual(['--name=a', '--data-dir=/dev/null/kubeadm']);
  expect(dryArguments('kube-scheduler', ['--kubeconfig=/etc/kubernetes/scheduler.conf', '--v=2'])).toEqual([
    '--v=2',
    '--secure-port=0',
    '--kubeconfig=/dev/null/kubeadm',
  ]);
});

test.each([
  ['kubelet', klog('failed to construct kubelet dependencies: unknown tls version \\"VersionOfKubeadm\\"')],
  [
    'kube-scheduler',
    klog('error loading config file \\"/dev/null/kubeadm\\": open /dev/null/kubeadm: not a directory'),
  ],
  [
    'kube-apiserver',
    klog(
      '[--etcd-servers must be specified, service-account-issuer is a required flag, either `--service-account-key-file` or `--service-account-signing-endpoint` must be set, --service-account-signing-key-file and --service-account-issuer are required flags]',
    ),
  ],
  [
    'etcd',
    '{"level":"fatal","msg":"failed to list data directory","dir":"/dev/null/kubeadm","error":"open /dev/null/kubeadm: not a directory"}\n',
  ],
] as const)('the end of the dry form of %s is not a refusal', (component, output) => {
  expect(refusalIn(component, ended(output))).toBeUndefined();
});

test('a file that is missing is not a refusal, because a volume can mount it from another place', () => {
  expect(
    refusalIn('kube-scheduler', ended(klog('open /etc/x.yaml: no such file or directory'))),
  ).toBeUndefined();
});

test.each([
  [
    'kubelet',
    klog(
      'failed to validate kubelet configuration, error: maxPods -3 must not be negative, path: &TypeMeta{Kind:,}',
    ),
    'the kubelet refuses its flags or its configuration: failed to validate kubelet configuration, error: maxPods -3 must not be negative',
  ],
  [
    'kube-apiserver',
    klog(
      '[--etcd-servers must be specified, enable-admission-plugins plugin \\"Nonsense\\" is unknown, service-account-issuer is a required flag]',
    ),
    'kube-apiserver does not know the admission plug-in Nonsense of --enable-admission-plugins and ends at once (exit code 1)',
  ],
  [
    'kube-apiserver',
    klog('[--etcd-servers must be specified, --max-requests-inflight can not be negative value]'),
    'kube-apiserver refuses its arguments: --max-requests-inflight can not be negative value',
  ],
  [
    'kube-scheduler',
    'Error: unknown flag: --nonsense\nUsage:\n  kube-scheduler [flags]\n',
    'kube-scheduler does not know the flag --nonsense and ends at once (exit code 1)',
  ],
] as const)('%s refuses an argument', (component, output, expected) => {
  expect(refusalIn(component, ended(output))).toBe(expected);
});
