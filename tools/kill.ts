/**
 * `make kill`: SIGKILL at the start and end of each phase of `init` and `reset` and at random instants, on a real node.
 * The same command again must end as an undisturbed run, with upstream's suite green. A kill at a phase of init that
 * comes too late is a failure, and so is a run without a kill of each command.
 *
 * --random N      rounds at random instants; the default is 20
 * --seed N        of the random instants; the default is KILL_SEED, else another one each time
 * --phases REGEX  rounds at those phases of init whose full name matches; the default is all of them
 */
import { parseArgs } from 'node:util';

import { createTextReport, describeError, ensureComponents } from '../components/index.ts';
import { prune } from '../lab/index.ts';
import { killAndRunAgain, runUndisturbed, type Subject, type Undisturbed } from '../test/support/cut-off.ts';
import {
  describeInstant,
  mustLand,
  phaseRounds,
  type Round,
  randomRounds,
  seedOf,
} from '../test/support/instants.ts';
import { withNode } from '../test/support/node.ts';
import { buildExecutable } from './build.ts';
import { finish } from './steps.ts';

interface Tally {
  init: number;
  reset: number;
  passed: number;
  failed: number;
}

/** Nodes at a time: a round is for the most part waiting for components, and a busy machine is one more thing to stand. */
const lanes = 2;

/** All rounds, those of a lane on one node; one that fails ends its node, and its lane goes on with a fresh one. */
async function all(plan: (undisturbed: Undisturbed) => readonly Round[], tally: Tally): Promise<void> {
  let rounds: readonly Round[] | undefined;
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    while (rounds === undefined || next < rounds.length) {
      await withNode(async (lab, node) => {
        const undisturbed = await runUndisturbed(lab, node);
        rounds ??= plan(undisturbed);
        for (let isNodeGood = true; isNodeGood && next < rounds.length; ) {
          const round = rounds[next++];
          if (round === undefined) return;
          const ended = await tryRound({ lab, node, undisturbed }, round, tally);
          console.log(`${++done} of ${rounds.length}: ${ended.text}`);
          isNodeGood = ended.isNodeGood;
        }
      });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

async function tryRound(
  subject: Subject,
  round: Round,
  tally: Tally,
): Promise<{ readonly isNodeGood: boolean; readonly text: string }> {
  const started = performance.now();
  const what = (): string => {
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    return `init ${describeInstant(round.init)}, reset ${describeInstant(round.reset)}, ${seconds} s`;
  };
  try {
    const kills = await killAndRunAgain(subject, round);
    tally.init += Number(kills.init.killed);
    tally.reset += Number(kills.reset.killed);
    const missed = (['init', 'reset'] as const).filter((name) => !kills[name].killed);
    const isGood = kills.init.killed || !mustLand(round.init);
    tally[isGood ? 'passed' : 'failed'] += 1;
    const note = missed.length === 0 ? '' : ` (${missed.join(' and ')} had ended by then)`;
    return { isNodeGood: true, text: `${isGood ? 'ok' : 'FAILED'}, ${what()}${note}` };
  } catch (error) {
    tally.failed += 1;
    return { isNodeGood: false, text: `FAILED, ${what()}: ${describeError(error)}` };
  }
}

/** @throws Error when the text is not a whole number */
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
const chosen = phaseRounds(new RegExp(values.phases));
const tally: Tally = { init: 0, reset: 0, passed: 0, failed: 0 };
const report = createTextReport(process.stderr);
await ensureComponents({ report });
await ensureComponents({ set: 'suite', report });
buildExecutable();
await prune();
console.log(`seed ${seed}: --seed ${seed} (or KILL_SEED=${seed}) repeats the random instants`);
await all(() => chosen, tally);
if (random > 0) await all((undisturbed) => randomRounds(random, seed, undisturbed), tally);
console.log(`${tally.init} kills of init and ${tally.reset} of reset, each run again`);
if (tally.init === 0 || tally.reset === 0) tally.failed += 1;
finish({ passed: tally.passed, failed: tally.failed });
