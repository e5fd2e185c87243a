/**
 * Tries every STEP-th input of a seed, in a process of its own with a limit of memory:
 * `program.ts SEED FIRST END STEP FILE`. The file always has the number of the input that runs. Each problem is a message
 * to the parent process.
 */
import { openSync, writeSync } from 'node:fs';
import type { Message } from './fuzz.ts';
import { inputsOf } from './inputs-of.ts';

/** The maximum resident memory of the process. */
const maximumMemory = 512 * 1024 * 1024;
const warmUps = 40;

const [seed = 0, first = 0, end = 0, step = 1] = process.argv.slice(2, 6).map(Number);
const progress = openSync(process.argv[6] ?? '', 'w');
const attempt = await inputsOf(seed);

function report(message: Message): void {
  process.send?.(message);
}

function peak(): number {
  return process.resourceUsage().maxRSS * 1024;
}

// The first use of a command loads its code, which must not count as the time of an input.
for (let number = 0; number < warmUps; number++) await attempt(number);
let hadTooMuch = false;
for (let number = first; number < end; number += step) {
  writeSync(progress, String(number).padEnd(16), 0);
  const failure = await attempt(number);
  if (failure !== undefined) report({ type: 'failure', failure });
  if (!hadTooMuch && peak() > maximumMemory) {
    hadTooMuch = true;
    report({ type: 'memory', number, bytes: peak() });
  }
}
report({ type: 'end', bytes: peak() });
process.disconnect?.();
process.exit(0);
