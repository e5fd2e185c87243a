/**
 * Runs a kubeadm with several configurations, some at a time, inside the mount namespace that `enterScript` makes. It is a
 * program: `discoveries.ts KUBEADM RUNS.json RESULT.json`.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

export interface DiscoveryRun {
  readonly name: string;
  /** The path of the configuration file. */
  readonly config: string;
}

export interface DiscoveryResult {
  readonly code: number;
  readonly stderr: string;
}

const atOnce = 12;
const limitMs = 40_000;

async function preflight(program: string, { config }: DiscoveryRun): Promise<DiscoveryResult> {
  const args = ['join', 'phase', 'preflight', `--config=${config}`, '--ignore-preflight-errors=all'];
  return await new Promise((resolve) => {
    const options = { timeout: limitMs, maxBuffer: 1 << 24 };
    const child = execFile(program, args, options, (_error, _stdout, stderr) =>
      resolve({ code: child.exitCode ?? 255, stderr }),
    );
  });
}

if (import.meta.main) {
  const [program = '', runsFile = '', resultFile = ''] = process.argv.slice(2);
  const left = (JSON.parse(readFileSync(runsFile, 'utf8')) as DiscoveryRun[]).values();
  const results: Record<string, DiscoveryResult> = {};
  const work = async (): Promise<void> => {
    for (const run of left) results[run.name] = await preflight(program, run);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  writeFileSync(resultFile, JSON.stringify(results));
}
