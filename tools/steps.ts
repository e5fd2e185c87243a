/** Runs the project's checks as child processes, shows what they print, and counts. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');
export const nodeProgram = path.join(root, 'node_modules/.bin/node');

export interface Count {
  readonly passed: number;
  readonly failed: number;
}

export const none: Count = { passed: 0, failed: 0 };

export function add(a: Count, b: Count): Count {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed };
}

/** Exit code of a program run in the clone; it inherits the terminal. */
async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Exit code of a program run in the clone, and what it printed on both streams. */
async function capture(
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** A check that passes or fails as a whole. Its output is shown when it ends, so that several can run at once. */
export async function step(name: string, program: string, args: readonly string[]): Promise<Count> {
  const started = performance.now();
  const { code, output } = await capture(program, args);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (code !== 0) process.stdout.write(output);
  console.log(`${code === 0 ? 'ok' : 'FAILED'}: ${name} (${seconds} s)`);
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly numPendingTests: number;
}

/**
 * Runs vitest projects and counts single tests. A file that could not be loaded, a skipped test and a run
 * without a test count as failures.
 */
export async function tests(
  projects: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Count> {
  const directory = mkdtempSync(path.join(tmpdir(), 'kubeadm-tests-'));
  const report = path.join(directory, 'report.json');
  try {
    const code = await run(
      nodeProgram,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        ...projects.flatMap((project) => ['--project', project]),
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...(projects.includes('e2e-full') ? ['--reporter=./tools/e2e-reporter.ts'] : []),
      ],
      env,
    );
    const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = JSON.parse(
      readFileSync(report, 'utf8'),
    ) as VitestReport;
    const broken =
      numFailedTests === 0 && (code !== 0 || numFailedTestSuites > 0 || numPassedTests === 0) ? 1 : 0;
    return { passed: numPassedTests, failed: numFailedTests + numPendingTests + broken };
  } catch (error) {
    console.error(`vitest left no report: ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The last line, and the exit code that goes with it. */
export function finish(count: Count): void {
  console.log(`${count.passed} passed, ${count.failed} failed`);
  process.exitCode = count.failed === 0 ? 0 : 1;
}
