/** Runs upstream's binary and this kubeadm with the same configurations, and compares their files and outputs. */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { differences } from './compare.ts';
import { fixedCases, randomCases } from './configs.ts';
import { type Case, enterScript, type Recorded } from './record.ts';

const root = path.resolve(import.meta.dirname, '../..');
const ours = path.join(root, 'dist/kubeadm');
const run = promisify(execFile);

/** Runs a binary with all cases in a mount namespace of its own. */
async function record(binary: string, cases: readonly Case[]): Promise<readonly Recorded[]> {
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

async function compare(cases: readonly Case[]): Promise<readonly Recorded[]> {
  const { programs } = await ensureComponents({ set: 'compare' });
  const [theirs, mine] = await Promise.all([record(programs.kubeadm, cases), record(ours, cases)]);
  const found = cases.flatMap((one, index) => {
    const [a, b] = [theirs[index], mine[index]];
    if (a === undefined || b === undefined) return [`${one.name}: not recorded`];
    const lines = differences(a, b);
    return lines.length === 0 ? [] : [`${one.name}:\n  ${lines.join('\n  ')}`];
  });
  expect(found.join('\n')).toBe('');
  return theirs;
}

test('the configurations of the goldens give the files of upstream, for both minors', async () => {
  const cases = fixedCases();
  expect(cases.map(({ name }) => name)).toContain('plain-1.35, dryRun');
  const theirs = await compare(cases);
  const refused = theirs.filter(({ runs }) => runs.some(({ code }) => code !== 0));
  expect(refused.map(({ name }) => name)).toEqual([]);
});

test('200 random configurations leave the same files, certificates, objects and outputs', async () => {
  const seed = Number(process.env.PARITY_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`parity: seed ${seed} (PARITY_SEED=${seed} repeats it)`);
  const cases = randomCases(Number(process.env.PARITY_CASES ?? 200), seed);
  const theirs = await compare(cases);
  const accepted = theirs.filter(({ runs }) => runs.every(({ code }) => code === 0)).length;
  expect(accepted, 'most configurations should be valid ones').toBeGreaterThan(cases.length / 2);
});
