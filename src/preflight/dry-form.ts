/**
 * A command line on which the kubelet checks its flags and its configuration, and then ends before it opens a file or a
 * port. One of the last arguments is wrong on purpose, and the kubelet looks at it after everything else.
 */

import { redactLines } from '../diagnosis/logs/container-log.ts';
import { lastWords } from '../diagnosis/logs/last-words.ts';
import type { ExecResult } from '../host.ts';

/** Arguments that read or write files, or that the last ones replace. Values for them are not checked. */
const dropped = /^--(?:tls-cert-file|tls-private-key-file|tls-min-version|lock-file|cert-dir)=/;
// With these files, the kubelet makes no certificate.
const last = [
  '--tls-cert-file=/dev/null',
  '--tls-private-key-file=/dev/null',
  '--tls-min-version=VersionOfKubeadm',
];
/** The error that the form itself causes. */
const expected = /.*VersionOfKubeadm.*/g;
/** The check ExtraArgs looks at files. */
const aboutFiles = /no such file or directory|permission denied|is a directory/;

/** The arguments of the dry form of a command line of the kubelet. */
export function dryArguments(args: readonly string[]): readonly string[] {
  return [...args.filter((argument) => !dropped.test(argument)), ...last];
}

/** The reason for which the kubelet refuses its arguments; undefined if it only ends because of its dry form. */
export function refusalIn({ code, stderr, stdout }: ExecResult): string | undefined {
  if (code === 0) return undefined;
  const log = redactLines(`${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== ''));
  const reason = (lastWords(log)?.reason ?? '').replaceAll(expected, '').trim();
  if (reason === '' || aboutFiles.test(reason)) return undefined;
  return `the kubelet refuses its flags or its configuration: ${reason}`;
}
