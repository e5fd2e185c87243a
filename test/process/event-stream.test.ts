/** The events of real processes that succeed, fail and are killed. Also tests that the checks find faults. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunResult } from '../../lab/index.ts';
import { configuration } from '../../src/cli/command.fixture.ts';
import { recordedEvent } from '../../src/cli/render/json.ts';
import { expectEvents } from '../support/event-stream.ts';
import { bun, node, run } from '../support/runtimes.ts';

const program = path.resolve(import.meta.dirname, '../../src/bin.ts');
const args = ['init', 'phase', 'certs', 'all'];
const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-events-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Recorded {
  readonly text: string;
  readonly result: RunResult;
}

/** Creates certificates in a folder of its own. With `kill`, the run is killed after its first output. */
async function record(name: string, { kill = false, below = '' } = {}): Promise<Recorded> {
  const [certificatesDir, file] = [path.join(folder, name), path.join(folder, `${name}.jsonl`)];
  const config = path.join(folder, `${name}.yaml`);
  writeFileSync(
    config,
    `${configuration.replace('encryptionAlgorithm: ECDSA-P256\n', '')}certificatesDir: ${certificatesDir}${below}
`,
  );
  const argv = [program, ...args, '--config', config, `--output-events=json=${file}`];
  const child = spawn(bun, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stderr.on('data', (data) => (stderr += String(data)));
  child.stdout.on('data', (data) => {
    stdout += String(data);
    if (kill) child.kill('SIGKILL');
  });
  const code = await new Promise<number>((resolve) =>
    child.on('close', (exit, signal) => resolve(signal === 'SIGKILL' ? 137 : (exit ?? 1))),
  );
  return { text: existsSync(file) ? readFileSync(file, 'utf8') : '', result: { code, stdout, stderr } };
}

describe('the recorded events', () => {
  let whole: Recorded;
  let killed: Recorded;
  let failed: Recorded;
  beforeAll(async () => {
    whole = await record('whole');
    killed = await record('killed', { kill: true });
    failed = await record('failed', { below: `/${'x'.repeat(300)}` });
  }, 60_000);
  const check = ({ text, result }: Recorded, more: Partial<RunResult> = {}) =>
    expectEvents(text, { ...result, ...more }, args);

  test('match their schema and the printed text', () => {
    expect([whole, killed, failed].map(({ result }) => result.code)).toEqual([0, 137, 1]);
    expect(check(whole).at(-1)?.event.type).toBe('run-finished');
    expect(check(killed).length).toBeGreaterThan(2);
    expect(
      check(failed)
        .map(({ event }) => event.type)
        .slice(-3),
    ).toEqual(['phase-failed', 'timeline', 'run-failed']);
  });

  test('may be incomplete only in the last line of a killed run', () => {
    const cut = { ...whole, text: whole.text.slice(0, -30) };
    expect(() => check(cut)).toThrow('a line without an end');
    check(cut, { code: 137, stdout: whole.result.stdout.slice(0, 100) });
    const middle = whole.text.indexOf('\n') - 10;
    const inside = { ...cut, text: whole.text.slice(0, middle) + whole.text.slice(middle + 11) };
    expect(() => check(inside, { code: 137, stdout: '' })).toThrow();
    expect(() => check({ ...cut, text: `${whole.text}more` }, { code: 137 })).toThrow();
  });

  test('have a text that begins with the output of a killed run', () => {
    const lines = whole.text.split('\n');
    const half = { ...whole, text: `${lines.slice(0, lines.length / 2).join('\n')}\n` };
    expect(() => check(half, { code: 137 })).toThrow('stdout');
    check(half, { code: 137, stdout: whole.result.stdout.slice(0, 100) });
    expect(() => check(half, { code: 137, stdout: 'other\n' })).toThrow('stdout');
    expect(() => check({ ...whole, text: '' }, { code: 137 })).toThrow('without events');
    check({ ...whole, text: '' }, { code: 137, stdout: '', stderr: '' });
  });

  test('end with the result of the run and its reason', () => {
    expect(() => check(whole, { code: 1 })).toThrow('run-failed');
    expect(() => check(failed, { code: 0 })).toThrow();
    expect(() => check(failed, { stderr: '' })).toThrow('stderr');
    const lines = failed.text.trimEnd().split('\n');
    const without = (type: string) => ({
      ...failed,
      text: `${lines.filter((line) => !line.includes(`"event":{"type":"${type}"`)).join('\n')}\n`,
    });
    for (const type of ['run-failed', 'phase-failed', 'timeline', 'run-started'])
      expect(() => check(without(type)), type).toThrow();
    expect(() =>
      check({ ...failed, text: failed.text.replace('"outcome":"failed"', '"outcome":"stopped"') }),
    ).toThrow();
    expect(() => check({ ...whole, text: '' })).toThrow('without events');
  });
});

test.each([
  ['the executable', bun, '--preload'],
  ['Node', node, '--import'],
])('end with an error that nothing catches in %s', async (_name, runtime, preload) => {
  const own = mkdtempSync(path.join(folder, 'uncaught-'));
  const [stray, file, config] = ['stray.mjs', 'events', 'config'].map((name) => path.join(own, name));
  if (stray === undefined || file === undefined || config === undefined) return;
  // The run has begun when the file of events exists.
  writeFileSync(
    stray,
    `import { statSync } from 'node:fs';
    const timer = setInterval(() => {
      if ((statSync(${JSON.stringify(file)}, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
      clearInterval(timer);
      throw new Error('nothing waits for this');
    }, 5);`,
  );
  writeFileSync(
    config,
    `${configuration.replace('encryptionAlgorithm: ECDSA-P256', 'encryptionAlgorithm: RSA-4096')}certificatesDir: ${own}/pki\n`,
  );
  const argv = [preload, stray, program, ...args, '--config', config, `--output-events=json=${file}`];
  const { code, output } = await run(runtime, argv);
  expect(code).toBe(1);
  expect(output).toContain('error: nothing waits for this\n');
  const last = readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  expect(recordedEvent(last).event).toMatchObject({
    type: 'run-failed',
    message: 'nothing waits for this',
  });
});
