/** The rule of CONTRIBUTING.md for the subjects of commits, checked on those that came after the rule. */
import { spawnSync } from 'node:child_process';

import { root } from './steps.ts';

/** The last commit before the rules for commits and prose. */
export const before = '26051128987e1af52e9e61cdc20fa174fb5d11be';
const longest = 72;

/** The reason why a subject is refused; undefined if it keeps the rule. */
export function problemOf(subject: string): string | undefined {
  if (subject.length > longest)
    return `the subject has ${subject.length} characters, at most ${longest} are allowed`;
  if (!/^[A-Z]/.test(subject)) return 'the subject begins with a capital letter';
  if (subject.endsWith('.')) return 'the subject ends without a period';
  return undefined;
}

/** Subjects of the commits since the rule, each with its hash; empty outside of a clone that has them. */
function subjects(): readonly (readonly [string, string])[] {
  const args = ['log', '--no-merges', '--format=%h %s', `${before}..HEAD`];
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) return [];
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const);
}

if (import.meta.main) {
  for (const [hash, subject] of subjects()) {
    const problem = problemOf(subject);
    if (problem === undefined) continue;
    console.error(`commit ${hash}: ${problem}: ${subject}`);
    process.exitCode = 1;
  }
}
