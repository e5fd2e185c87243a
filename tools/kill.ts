/**
 * `make kill`: SIGKILL at the start and end of each phase of `init` and `reset` and at random instants, on a real node;
 * the same command again must end as an undisturbed run, with upstream's suite green. `--random N` (default 20),
 * `--seed N` (default KILL_SEED, else another one each time), `--phases REGEX` (of init, by full name; default all).
 */
import { parseArgs } from 'node:util';

import { createTextReport, describeError, ensureComponents } from '../components/index.ts';
import { prune } from '../lab/index.ts';
import { initPhases } from '../src/phases/init/index.ts';
import { resetPhases } from '../src/phases/reset/index.ts';
import { flattenPhases, type Phase } from '../src/workflow/phase.ts';
import {
  describeInstant,
  type Instant,
  killAndRunAgain,
  type Round,
  randomRounds,
  runUndisturbed,
  type Subject,
  seedOf,
} from '../test/e2e/cut-off.ts';
import { withNode } from '../test/e2e/support.ts';
import { buildExecutable } from './build.ts';
import { finish } from './steps.ts';

/** Start and end of each phase that does something, as its lines name it. */
function instantsOf<I, H, E>(phases: readonly Phase<I, H, E>[]): readonly Instant[] {
  return flattenPhases(phases)
    .filter(({ phase }) => phase.run !== undefined)
    .flatMap(({ fullName }) => [
      { phase: fullName, moment: 'start' as const },
      { phase: fullName, moment: 'end' as const },
    ]);
}

/** One round for each instant of init; those of reset go round. */
function phaseRounds(pattern: RegExp): readonly Round[] {
  const ofReset = instantsOf(resetPhases);
  return instantsOf(initPhases)
    .map((init, index) => ({ init, reset: ofReset[index % ofReset.length] ?? { milliseconds: 0 } }))
    .filter(({ init }) => 'phase' in init && pattern.test(init.phase));
}

interface Tally {
  init: number;
  reset: number;
  passed: number;
  failed: number;
}

async function runRounds(subject: Subject, rounds: readonly Round[], tally: Tally): Promise<void> {
  for (const [index, round] of rounds.entries()) {
    const what = `init ${describeInstant(round.init)}, reset ${describeInstant(round.reset)}`;
    const started = performance.now();
    const kills = await killAndRunAgain(subject, round);
    tally.init += Number(kills.init.killed);
    tally.reset += Number(kills.reset.killed);
    tally.passed += 1;
    const missed = Object.entries(kills).flatMap(([name, { killed }]) => (killed ? [] : [name]));
    const note = missed.length === 0 ? '' : ` (${missed.join(' and ')} had ended by then)`;
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(`ok ${index + 1} of ${rounds.length}: ${what}${note}, ${seconds} s`);
  }
}

/** A round that fails ends its node: the next one goes on with the rest on a fresh one. */
async function all(rounds: (subject: Subject) => readonly Round[], tally: Tally): Promise<void> {
  let done = 0;
  for (let left = true; left; ) {
    left = false;
    await withNode(async (lab, node) => {
      const undisturbed = await runUndisturbed(lab, node);
      const subject = { lab, node, undisturbed };
      const rest = rounds(subject).slice(done);
      const before = tally.passed;
      try {
        await runRounds(subject, rest, tally);
      } catch (error) {
        const failed = rest[tally.passed - before];
        const what =
          failed === undefined
            ? ''
            : `init ${describeInstant(failed.init)}, reset ${describeInstant(failed.reset)}: `;
        console.error(`FAILED: ${what}${describeError(error)}`);
        tally.failed += 1;
        done += tally.passed - before + 1;
        left = done < rounds(subject).length;
      }
    });
  }
}

/** @throws Error when it is no whole number */
function readCount(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name} ${text}: must be a whole number`);
  return Number(text);
}

const { values } = parseArgs({
  options: {
    random: { type: 'string', default: '20' },
    seed: { type: 'string' },
    phases: { type: 'string', default: '' },
  },
});
const seed = values.seed === undefined ? seedOf(process.env) : readCount('seed', values.seed);
const random = readCount('random', values.random);
const tally: Tally = { init: 0, reset: 0, passed: 0, failed: 0 };
const report = createTextReport(process.stderr);
await ensureComponents({ report });
await ensureComponents({ set: 'suite', report });
buildExecutable();
await prune();
console.log(`seed ${seed}: --seed ${seed} (or KILL_SEED=${seed}) repeats the random instants`);
const chosen = phaseRounds(new RegExp(values.phases));
if (chosen.length > 0) await all(() => chosen, tally);
if (random > 0) await all(({ undisturbed }) => randomRounds(random, seed, undisturbed), tally);
console.log(`${tally.init} kills of init and ${tally.reset} of reset, each run again`);
finish({ passed: tally.passed, failed: tally.failed });
