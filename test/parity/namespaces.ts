/** Runs a binary with cases in a mount namespace of its own. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { type Case, enterAloneScript, enterScript, type Recorded } from './record.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** The executable of this kubeadm. */
export const ours = path.join(root, 'dist/kubeadm');
const run = promisify(execFile);

/**
 * Runs a binary with all cases in a mount namespace of its own.
 *
 * @param isAlone whether the cases also find no network, no services and nothing else that they can write to
 */
export async function record(
  binary: string,
  cases: readonly Case[],
  isAlone = false,
): Promise<readonly Recorded[]> {
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
        ...(isAlone ? ['--mount', '--net'] : ['--mount']),
        'sh',
        '-c',
        ...(isAlone ? [enterAloneScript, 'enter', scratch] : [enterScript, 'enter']),
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
