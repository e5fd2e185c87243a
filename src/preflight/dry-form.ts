/**
 * Command lines on which a component checks its flags and its configuration, and then ends before it opens a file or a
 * port. One of the last arguments is wrong on purpose, and the component looks at it after everything else.
 */

import { redactLines } from '../diagnosis/logs/container-log.ts';
import { lastWords } from '../diagnosis/logs/last-words.ts';
import {
  invalidFlagValue,
  unknownAdmissionPlugin,
  unknownFlag,
} from '../diagnosis/rules/refused-argument.ts';
import type { ExecResult } from '../host.ts';
import type { StaticPodName } from '../releases/release.ts';

interface DryForm {
  /** Arguments that read or write files, or that the last ones replace. Values for them are not checked. */
  readonly dropped: RegExp;
  readonly last: readonly string[];
  /** The error that the form itself causes. */
  readonly expected: RegExp;
}

const nowhere = '/dev/null/kubeadm';
const client: DryForm = {
  dropped: /^--(?:kubeconfig|secure-port|cert-dir)=/,
  // Without a port, no certificate is made for it.
  last: ['--secure-port=0', `--kubeconfig=${nowhere}`],
  expected: new RegExp(`.*${nowhere}.*`, 'g'),
};

const forms: Readonly<Record<StaticPodName | 'kubelet', DryForm>> = {
  // The servers of etcd are checked together with everything else, so that all errors are in one message.
  'kube-apiserver': {
    dropped: /^--(?:etcd-servers|service-account-|cert-dir|tls-cert-file|tls-private-key-file)/,
    last: ['--tls-cert-file=/dev/null', '--tls-private-key-file=/dev/null'],
    expected: /--etcd-servers must be specified|[^,[]*\bservice-account-(?:issuer|signing)[^,\]]*/g,
  },
  'kube-controller-manager': client,
  'kube-scheduler': client,
  etcd: {
    dropped: /^--(?:data-dir|wal-dir|log-outputs|config-file)=/,
    last: [`--data-dir=${nowhere}`],
    expected: new RegExp(`.*${nowhere}.*`, 'g'),
  },
  kubelet: {
    dropped: /^--(?:tls-cert-file|tls-private-key-file|tls-min-version|lock-file|cert-dir)=/,
    // With these files, the kubelet makes no certificate.
    last: [
      '--tls-cert-file=/dev/null',
      '--tls-private-key-file=/dev/null',
      '--tls-min-version=VersionOfKubeadm',
    ],
    expected: /.*VersionOfKubeadm.*/g,
  },
};

/** The arguments of the dry form of a command line. */
export function dryArguments(
  component: StaticPodName | 'kubelet',
  args: readonly string[],
): readonly string[] {
  const { dropped, last } = forms[component];
  return [...args.filter((argument) => !dropped.test(argument)), ...last];
}

/** A file may be mounted into the container from another place. The check ExtraArgs looks at files. */
const aboutFiles = /no such file or directory|permission denied|is a directory/;

/** What a component refuses, in one line; undefined if it only ends because of its dry form. */
export function refusalIn(
  component: StaticPodName | 'kubelet',
  { code, stderr, stdout }: ExecResult,
): string | undefined {
  if (code === 0) return undefined;
  const log = redactLines(`${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== ''));
  const reason = lastWords(log)?.reason ?? '';
  const rest = withoutList(reason.replaceAll(forms[component].expected, ''));
  if (rest === '' || aboutFiles.test(rest)) return undefined;
  if (component === 'kubelet') return `the kubelet refuses its flags or its configuration: ${rest}`;
  return refusedArgument(component, { code, log }) ?? `${component} refuses its arguments: ${rest}`;
}

/** Removes the brackets of a list of errors, and its empty members. */
function withoutList(errors: string): string {
  const members = errors.replace(/^\[|\]$/g, '').split(',');
  return members
    .map((member) => member.trim())
    .filter((member) => member !== '')
    .join(', ');
}

/** The words of the rule that explains the same end of a container. */
function refusedArgument(
  name: string,
  { code, log }: { readonly code: number; readonly log: readonly string[] },
): string | undefined {
  const run = { attempt: 0, exitCode: code, reason: 'Error', message: '', ranMs: 0, log };
  const facts = {
    criSocket: '',
    elapsedMs: 0,
    components: [{ name, state: 'exited', exits: 1, runs: [run] }],
    pulls: [],
    sandboxes: [],
    absentImages: [],
  } as const;
  const rules = [unknownFlag, invalidFlagValue, unknownAdmissionPlugin];
  return rules.flatMap(({ find }) => find(facts))[0]?.summary;
}
