/**
 * Tries random inputs in several processes. As a program it is `make fuzz`, with `N` and `SEED` from the environment, and
 * `ONE` for a single input.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';

import type { Failure } from './inputs-of.ts';

/** A message of the process that tries inputs. `bytes` is its largest resident memory until now. */
export type Message =
  | { readonly type: 'failure'; readonly failure: Failure }
  | { readonly type: 'memory'; readonly number: number; readonly bytes: number }
  | { readonly type: 'end'; readonly bytes: number };

export interface FuzzOptions {
  readonly seed: number;
  /** The number of the first input. Defaults to 0. */
  readonly first?: number;
  readonly count: number;
  readonly report: (line: string) => void;
}

export interface FuzzResult {
  /** A text for each problem, with the command that repeats it. */
  readonly problems: readonly string[];
  /** The largest resident memory of a process, in bytes. */
  readonly memory: number;
  readonly seconds: number;
}

/** An input that takes longer than this has not come to an end. A busy machine makes the time much longer than 1 s. */
const hangMs = 30_000;
const checkMs = 1_000;
/** A process stops after so many problems. */
const maximumProblems = 10;

/** Tries the inputs of a seed. The same seed has the same inputs. */
export async function fuzz({ count, first = 0, report, seed }: FuzzOptions): Promise<FuzzResult> {
  const started = performance.now();
  const step = Math.min(availableParallelism(), count);
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-fuzz-'));
  try {
    const shares = Array.from({ length: step }, (_, index) =>
      runShare(
        { seed, first: first + index, end: first + count, step, file: path.join(folder, String(index)) },
        report,
      ),
    );
    const results = await Promise.all(shares);
    return {
      problems: results.flatMap(({ problems }) => problems),
      memory: Math.max(...results.map(({ memory }) => memory)),
      seconds: Math.round((performance.now() - started) / 1000),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Share {
  readonly seed: number;
  readonly first: number;
  readonly end: number;
  readonly step: number;
  readonly file: string;
}

interface Outcome {
  readonly problems: readonly string[];
  /** The largest resident memory of a process, in bytes. */
  readonly memory: number;
}

/** Starts a new process behind each input that does not end. */
async function runShare(share: Share, report: (line: string) => void): Promise<Outcome> {
  const problems: string[] = [];
  let memory = 0;
  let first: number | undefined = share.first;
  while (first !== undefined && first < share.end && problems.length < maximumProblems) {
    const run: Outcome & { readonly hung?: number } = await runProcess({ ...share, first }, report);
    problems.push(...run.problems);
    memory = Math.max(memory, run.memory);
    first = run.hung === undefined ? undefined : run.hung + share.step;
  }
  return { problems, memory };
}

/** Returns the number of the input that did not end as `hung`. */
async function runProcess(
  { end, file, first, seed, step }: Share,
  report: (line: string) => void,
): Promise<Outcome & { readonly hung?: number }> {
  const problems: string[] = [];
  let memory = 0;
  let hasEnded = false;
  let hung: number | undefined;
  rmSync(file, { force: true });
  const child = fork(
    path.join(import.meta.dirname, 'program.ts'),
    [...[seed, first, end, step].map(String), file],
    {
      execArgv: ['--max-old-space-size=320', '--max-semi-space-size=32'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  const found = (text: string): void => {
    problems.push(text);
    report(text);
    if (problems.length >= maximumProblems) child.kill('SIGKILL');
  };
  child.on('message', (message: Message) => {
    if (message.type === 'failure') found(describeFailure(message.failure));
    else memory = Math.max(memory, message.bytes);
    if (message.type === 'memory')
      found(`${at(seed, message.number)}: ${mebibytes(message.bytes)} of memory`);
    if (message.type === 'end') hasEnded = true;
  });
  let last = { number: '', since: performance.now() };
  const watch = setInterval(() => {
    const number = numberIn(file);
    // A busy machine takes long to load the program, which then writes its first number.
    if (number === '' || number !== last.number) last = { number, since: performance.now() };
    else if (hung === undefined && performance.now() - last.since > hangMs) {
      hung = Number(number);
      child.kill('SIGKILL');
      found(`${at(seed, number)}: it did not end within ${hangMs / 1000} s`);
    }
  }, checkMs);
  await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  if (!hasEnded && problems.length === 0)
    problems.push(`${at(seed, numberIn(file))}: the process ended, as when it has no memory left`);
  return { problems, memory, ...(hung === undefined ? {} : { hung }) };
}

function numberIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

function at(seed: number, number: number | string): string {
  return `input ${number} of seed ${seed} (make fuzz SEED=${seed} ONE=${number})`;
}

function describeFailure({ input, number, problem, seed }: Failure): string {
  const files = Object.entries(input.files).map(([file, content]) => {
    const text = typeof content === 'string' ? content : Buffer.from(content).toString('latin1');
    return `  ${file}: ${JSON.stringify(text.slice(0, 4000))}`;
  });
  const corefile = input.corefile === undefined ? [] : [`  Corefile: ${JSON.stringify(input.corefile)}`];
  return [
    `${at(seed, number)}: ${problem}`,
    `  kubeadm ${JSON.stringify(input.argv)} (${input.kind})`,
    ...files,
    ...corefile,
  ].join('\n');
}

export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

/** Returns the seed of the environment, or a random one. */
function seedOf(variable: string): number {
  return Number(process.env[variable] ?? Math.floor(Math.random() * 2 ** 31));
}

if (import.meta.main) {
  const seed = seedOf('SEED');
  const one = process.env.ONE;
  const count = one === undefined ? Number(process.env.N ?? 1_000_000) : 1;
  console.log(`fuzz: ${count} inputs of seed ${seed}`);
  const { memory, problems, seconds } = await fuzz({
    seed,
    count,
    first: Number(one ?? 0),
    report: (line) => console.log(`FAILED: ${line}`),
  });
  console.log(
    `fuzz: ${count} inputs of seed ${seed}, ${problems.length} problems, ${seconds} s, at most ${mebibytes(memory)}`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}
