/** A program that starts kubeadm reads the result from a descriptor of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { configuration } from '../../src/cli/command.fixture.ts';
import { bun, node } from '../support/runtimes.ts';

const program = path.resolve(import.meta.dirname, '../../src/bin.ts');

function prepare(runtime: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-result-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const config = path.join(folder, 'config');
  writeFileSync(config, `${configuration}certificatesDir: ${folder}/pki\n`);
  const run = (target: string) => {
    const args = ['init', 'phase', 'certs', 'ca', `--config=${config}`, `--output-result=json=${target}`];
    const { output, status, stdout } = spawnSync(runtime, [program, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    return { status, stdout, descriptor: output[3] ?? '' };
  };
  return run;
}

describe.each([
  ['the executable', bun],
  ['Node', node],
])('the result of %s', (_name, runtime) => {
  test('is written to a descriptor of the program that starts it', () => {
    const run = prepare(runtime);
    const { descriptor, status, stdout } = run('/dev/fd/3');
    expect([status, stdout]).toEqual([0, expect.stringContaining('Generating "ca"')]);
    expect(JSON.parse(descriptor)).toMatchObject({ outcome: 'succeeded', nodeName: 'control-plane' });
  });
});
