/** What a build is made from: this project's version, the commit, and the one time that a build may know. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

export interface Source {
  /** Of package.json. */
  readonly version: string;
  /** Empty outside a git checkout, so that a source archive builds as well. */
  readonly commit: string;
  /** Seconds since 1970: SOURCE_DATE_EPOCH, else when the commit was made; undefined when there is neither. */
  readonly epoch: number | undefined;
  /** The same as RFC 3339 in UTC; empty when there is none. */
  readonly date: string;
  /** Whether tracked files differ from the commit, or others lie among them. */
  readonly changed: boolean;
}

export type Manifest = Readonly<Record<string, unknown>>;

/** A JSON object from a file of the project. */
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

/** @throws Error for a SOURCE_DATE_EPOCH that is no whole number (reproducible-builds.org/specs/source-date-epoch). */
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
