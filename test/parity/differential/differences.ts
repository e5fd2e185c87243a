/** Differences between two runs of a random case: exit codes, files and standard output as data. */
import { parseAllDocuments } from 'yaml';

import { differences } from '../compare.ts';
import type { Recorded } from '../record.ts';

const randomToken = /\b(?!abcdef\.)[a-z0-9]{6}\.[a-z0-9]{16}\b/g;

type Run = Recorded['runs'][number];

/** Returns a line for each difference. */
export function caseDifferences(upstream: Recorded, ours: Recorded): readonly string[] {
  const outputs = upstream.runs.flatMap((run, index) => {
    const other = ours.runs[index];
    return other === undefined || run.code !== 0 || other.code !== 0 ? [] : outputDifferences(run, other);
  });
  return [...differences(comparableRecord(upstream), comparableRecord(ours)), ...outputs];
}

/** Tokens that a program has made are random. Those of the inputs are not. Help has own words. */
function comparableRecord(recorded: Recorded): Recorded {
  const runs = recorded.runs.map((run) => (isHelp(run.stdout) ? { ...run, stdout: 'help' } : run));
  const files = Object.entries(recorded.files).map(([file, { content, mode }]) => [
    file,
    content === undefined ? { mode } : { mode, content: content.replace(randomToken, 'TOKEN') },
  ]);
  return { ...recorded, runs, files: Object.fromEntries(files) };
}

/** `compare.ts` compares the output of `config`. Help and completion have own words, so only their presence counts. */
function outputDifferences(run: Run, other: Run): readonly string[] {
  const [theirs, mine] = [run, other].map(({ stdout }) => comparable(run.args, stdout));
  return theirs === mine
    ? []
    : [`${run.args.join(' ')}: stdout ${JSON.stringify(theirs)}, ours ${JSON.stringify(mine)}`];
}

function comparable(args: readonly string[], stdout: string): string {
  if (isHelp(stdout)) return 'help';
  const [command = '', child] = args.filter((word) => !word.startsWith('-'));
  if (command === 'version') return shapeOfVersion(stdout);
  if (command === 'token') return stdout.replace(/^[a-z0-9]{6}\.[a-z0-9]{16}$/m, 'TOKEN');
  if (command === 'certs' && child === 'check-expiration') return expirations(stdout);
  if (command === 'config' || command === 'init') return '';
  return stdout === '' ? 'nothing' : 'a text';
}

export function isHelp(stdout: string): boolean {
  return /^Usage:$/m.test(stdout) || stdout.startsWith('Experimental sub-commands');
}

/** The build of the two programs differs, and their version does not. This kubeadm has one more field. */
function shapeOfVersion(stdout: string): string {
  const common = stdout.replace(/,? *"?kubeadmTypeScript"?: *"?[\d.]+"?\n?/i, '');
  return common.replace(
    /("?(?:gitCommit|gitTreeState|buildDate|goVersion|compiler|platform|GitCommit|GitTreeState|BuildDate|GoVersion|Compiler|Platform)"?: *)"?[^\s",}]*"?/g,
    '$1X',
  );
}

/** Certificates that the case has made have other seconds with each program. Their years are the same. */
function expirations(stdout: string): string {
  if (/^[{a]/.test(stdout)) {
    const values = parseAllDocuments(stdout).map((document): unknown => document.toJS());
    return JSON.stringify(values, (key, value: unknown) =>
      key === 'residualTime' ? 'TIME' : key === 'expirationDate' ? String(value).slice(0, 4) : value,
    );
  }
  return stdout
    .replace(/ {2,}/g, ' ')
    .replace(/\b\d+[ydhms]\b/g, 'TIME')
    .replace(/\d\d:\d\d UTC/g, 'TIME');
}
