/** Runs upstream's binary and this kubeadm with the same cases, each in a mount namespace of its own. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { differences } from './compare.ts';
import { type Case, enterScript, type Recorded } from './record.ts';

const root = path.resolve(import.meta.dirname, '../..');
const ours = path.join(root, 'dist/kubeadm');
const run = promisify(execFile);

/** Runs a binary with all cases in a mount namespace of its own. */
export async function record(binary: string, cases: readonly Case[]): Promise<readonly Recorded[]> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'kubeadm-parity-'));
  try {
    const input = path.join(scratch, 'cases.json');
    const output = path.join(scratch, 'result.json');
    const inside = path.join(scratch, 'inside');
    writeFileSync(input, JSON.stringify(cases));
    writeFileSync(output, '');
    mkdirSync(inside);
    await run(
      'unshare',
      [
        '--mount',
        'sh',
        '-c',
        enterScript,
        'enter',
        inside,
        process.execPath,
        path.join(import.meta.dirname, 'record.ts'),
        binary,
        input,
        output,
        path.join(inside, 'scratch'),
      ],
      { maxBuffer: 1 << 26 },
    );
    return JSON.parse(readFileSync(output, 'utf8')) as Recorded[];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Expects that both binaries have the same results, and returns those of upstream.
 *
 * @param isOnPurpose whether a line about a difference of a case reports one that docs/differences.md lists
 */
export async function compare(
  cases: readonly Case[],
  isOnPurpose: (line: string, upstream: Recorded, one: Case) => boolean = () => false,
): Promise<readonly Recorded[]> {
  const { programs } = await ensureComponents({ set: 'compare' });
  const [theirs, mine] = await Promise.all([record(programs.kubeadm, cases), record(ours, cases)]);
  const found = cases.flatMap((one, index) => {
    const [a, b] = [theirs[index], mine[index]];
    if (a === undefined || b === undefined) return [`${one.name}: not recorded`];
    const lines = differences(a, b).filter((line) => !isOnPurpose(line, a, one));
    return lines.length === 0 ? [] : [`${one.name}:\n  ${lines.join('\n  ')}`];
  });
  expect(found.join('\n')).toBe('');
  return theirs;
}
