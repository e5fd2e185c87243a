/** The source of a build: the version of this project, the commit, and the only time that a build uses. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

export interface Source {
  /** The version in package.json. */
  readonly version: string;
  /** The commit; empty outside of a git checkout, so that a source archive can be built. */
  readonly commit: string;
  /** SOURCE_DATE_EPOCH or the time of the commit, in seconds since 1970; undefined without both. */
  readonly epoch: number | undefined;
  /** The same time as RFC 3339 in UTC; empty if it is undefined. */
  readonly date: string;
  /** Whether tracked files differ from the commit, or there are untracked files. */
  readonly changed: boolean;
}

export type Manifest = Readonly<Record<string, unknown>>;

/** Reads a JSON object from a file of the project. */
export function readJson(file: string): Manifest {
  const value: unknown = JSON.parse(readFileSync(path.resolve(root, file), 'utf8'));
  if (!isRecord(value)) throw new Error(`${file} is no JSON object`);
  return value;
}

export function isRecord(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function git(args: readonly string[]): string {
  const result = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : '';
}

/** @throws Error for a SOURCE_DATE_EPOCH that is not a whole number (reproducible-builds.org/specs/source-date-epoch). */
export function parseEpoch(text: string): number {
  if (!/^\d{1,11}$/.test(text)) throw new Error(`SOURCE_DATE_EPOCH is no number of seconds: ${text}`);
  return Number(text);
}

export function source(): Source {
  const given = process.env.SOURCE_DATE_EPOCH || git(['log', '-1', '--format=%ct']);
  const epoch = given === '' ? undefined : parseEpoch(given);
  return {
    version: String(readJson('package.json').version),
    commit: git(['rev-parse', 'HEAD']),
    epoch,
    date: epoch === undefined ? '' : new Date(epoch * 1000).toISOString().replace('.000Z', 'Z'),
    changed: git(['status', '--porcelain']) !== '',
  };
}
