/**
 * The list of banned patterns of CONTRIBUTING.md, as far as a regular expression finds them. It is checked in documents,
 * in comments and in the bodies of commits.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { before } from './commit-subjects.ts';
import { root } from './steps.ts';

interface Banned {
  readonly pattern: RegExp;
  readonly instead: string;
}

/** White space matches a line break, because sentences are wrapped. */
const banned: readonly Banned[] = [
  { pattern: /\bfor\s+ever\b/gi, instead: 'say "without an end", "never expires", or name the limit' },
  { pattern: /\bat\s+last\b/gi, instead: 'say "then" or "at the end", or leave the words out' },
  { pattern: /\bby\s+chance\b/gi, instead: 'say "randomly", or name the condition' },
  { pattern: /(?<!\bthere\s+)\b(?:is|are)\s+none\b/gi, instead: 'say "is not a ..." and name the thing' },
  { pattern: /\b(?:is|are)\s+told\b/gi, instead: 'say who does what: "gets", "learns", "is configured to"' },
  { pattern: /\bcannot\s+be\s+had\b/gi, instead: 'say "is not available"' },
  { pattern: /\balike,/gi, instead: 'say "both", or name both things' },
];

export interface Violation {
  /** Counts from 1. */
  readonly line: number;
  readonly found: string;
  readonly instead: string;
}

/** The banned patterns in a text, in the order of their lines. */
export function violationsOf(text: string): readonly Violation[] {
  return banned
    .flatMap(({ pattern, instead }) =>
      [...text.matchAll(pattern)].map((match) => ({
        line: text.slice(0, match.index).split('\n').length,
        found: match[0].replaceAll(/\s+/g, ' '),
        instead,
      })),
    )
    .sort((a, b) => a.line - b.line);
}

/** A Markdown text without its code, so that a pattern can be quoted in backticks; the lines keep their numbers. */
export function proseOfMarkdown(text: string): string {
  return text
    .replaceAll(/^```.*?^```/gms, withoutWords)
    .replaceAll(/`[^`\n]+`/g, withoutWords)
    .replaceAll(/^ *>/gm, ' ');
}

/** The comments of TypeScript, Go, shell or make; a bar stands for each line of code, and lines keep their numbers. */
export function proseOfCode(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const comment = /(?:^|\s)(?:\/\*\*?|\/\/|#+)\s(.*)$|^\s*\*\s(.*)$/.exec(line);
      if (comment !== null) return (comment[1] ?? comment[2] ?? '').replaceAll(/`[^`]+`/g, withoutWords);
      return /^\s*(?:\*|\/\*\*|\*\/)?$/.test(line) ? '' : '|';
    })
    .join('\n');
}

function withoutWords(code: string): string {
  return code.replaceAll(/[^\n]/g, '|');
}

function git(...args: readonly string[]): string {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 });
  return status === 0 ? stdout : '';
}

/** Texts to check, by the name to report; empty outside of a clone. */
function* texts(): Generator<readonly [name: string, prose: string]> {
  for (const file of git('ls-files', '-z').split('\0')) {
    const markdown = file.endsWith('.md');
    const code = /\.(?:ts|go|sh)$|(?:^|\/)Makefile$|^\.ci\/run$/.test(file);
    if ((!markdown && !code) || /\/generated\//.test(file)) continue;
    const text = readFileSync(path.join(root, file), 'utf8');
    yield [file, markdown ? proseOfMarkdown(text) : proseOfCode(text)];
  }
  for (const commit of git('log', '--no-merges', '--format=%h%n%b%x00', `${before}..HEAD`).split('\0')) {
    const [hash = '', ...body] = commit.trimStart().split('\n');
    yield [`commit ${hash}`, proseOfMarkdown(body.join('\n'))];
  }
}

if (import.meta.main) {
  for (const [name, prose] of texts()) {
    for (const { line, found, instead } of violationsOf(prose)) {
      console.error(`${name}:${line}: "${found}": ${instead}`);
      process.exitCode = 1;
    }
  }
}
