/**
 * `make kill`: SIGKILL at the start and end of each phase of `init`, of the `join` of a worker and of a control plane, of
 * `reset`, and of `upgrade apply` and `upgrade node`, and at random instants, on real nodes. The same command again must end
 * as an undisturbed run. After an init and a join, upstream's suite must be green and etcd must have no stray member. After an
 * upgrade, no write to the API may be lost. A kill at a phase of these commands that comes too late is a failure, and so is a
 * run without a kill of each command.
 *
 * --runs LIST     of init, worker, control-plane, apply and node; the default is all of them
 * --random N      rounds at random instants of each; the default is 20
 * --seed N        of the random instants; the default is KILL_SEED, else another one each time
 * --phases REGEX  rounds at those phases whose full name matches; the default is all of them
 */
import { parseArgs } from 'node:util';

import { createTextReport, describeError, ensureComponents } from '../components/index.ts';
import { prune } from '../lab/index.ts';
import { initSubject, type Subject } from '../test/support/cut-off.ts';
import { joinSubject } from '../test/support/cut-off-join.ts';
import { withUpgradeSubject } from '../test/support/cut-off-upgrade.ts';
import {
  type Course,
  describeInstant,
  mustLand,
  phaseRounds,
  type Round,
  randomRounds,
  seedOf,
} from '../test/support/instants.ts';
import { initFirst, withMachines } from '../test/support/many.ts';
import { withNode } from '../test/support/node.ts';
import { buildExecutable } from './build.ts';
import { finish } from './steps.ts';

interface Tally {
  runs: number;
  resets: number;
  passed: number;
  failed: number;
}

/** A command under test, with the fresh nodes that it needs. */
interface Kind {
  readonly command: string;
  /** The command that takes the node back. */
  readonly back: string;
  /** Nodes at a time: a round is for the most part waiting for components. */
  readonly lanes: number;
  readonly withSubject: (use: (subject: Subject) => Promise<void>) => Promise<void>;
}

/** Creates a control plane, and passes the node that joins it. */
async function withJoin(controlPlane: boolean, use: (subject: Subject) => Promise<void>): Promise<void> {
  await withMachines(
    async (machines) => {
      const node = controlPlane ? machines.controlPlanes[1] : machines.workers[0];
      if (node === undefined) throw new RangeError('the machines are too few');
      const invitation = await initFirst(machines);
      await use(await joinSubject(machines, node, { invitation, controlPlane }));
    },
    controlPlane ? { controlPlanes: 2 } : { workers: 1 },
  );
}

const kinds: Readonly<Record<string, Kind>> = {
  init: {
    command: 'init',
    back: 'reset',
    lanes: 2,
    withSubject: async (use) => await withNode(async (lab, node) => await use(await initSubject(lab, node))),
  },
  worker: {
    command: 'join of a worker',
    back: 'reset',
    lanes: 1,
    withSubject: async (use) => await withJoin(false, use),
  },
  'control-plane': {
    command: 'join of a control plane',
    back: 'reset',
    lanes: 1,
    withSubject: async (use) => await withJoin(true, use),
  },
  apply: {
    command: 'upgrade apply',
    back: 'downgrade',
    lanes: 1,
    withSubject: async (use) => await withUpgradeSubject('apply', use),
  },
  node: {
    command: 'upgrade node',
    back: 'downgrade',
    lanes: 1,
    withSubject: async (use) => await withUpgradeSubject('node', use),
  },
};

/** So often nodes may fail to come up, one after the other. */
const setupTries = 3;

/** All rounds, those of a lane on one node; one that fails ends its node, and its lane goes on with a fresh one. */
async function all(kind: Kind, plan: (course: Course) => readonly Round[]): Promise<Tally> {
  const tally: Tally = { runs: 0, resets: 0, passed: 0, failed: 0 };
  let rounds: readonly Round[] | undefined;
  let next = 0;
  let done = 0;
  let failedInRow = 0;
  const runRounds = async (subject: Subject): Promise<void> => {
    failedInRow = 0;
    rounds ??= plan(subject.course);
    for (let isNodeGood = true; isNodeGood && next < rounds.length; ) {
      const round = rounds[next++];
      if (round === undefined) return;
      const ended = await tryRound(kind, { subject, tally }, round);
      console.log(`${kind.command}, ${++done} of ${rounds.length}: ${ended.text}`);
      isNodeGood = ended.isNodeGood;
    }
  };
  const lane = async (): Promise<void> => {
    while (rounds === undefined || next < rounds.length) {
      try {
        await kind.withSubject(runRounds);
      } catch (error) {
        // The rounds catch their own errors, so the nodes did not come up or were not deleted.
        failedInRow += 1;
        if (failedInRow === setupTries) throw error;
        console.log(`${kind.command}, no nodes: ${describeError(error).slice(0, 500)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: kind.lanes }, lane));
  return tally;
}

async function tryRound(
  { back, command }: Kind,
  { subject, tally }: { readonly subject: Subject; readonly tally: Tally },
  round: Round,
): Promise<{ readonly isNodeGood: boolean; readonly text: string }> {
  const started = performance.now();
  const what = (): string => {
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    return `${describeInstant(round.run)}, ${back} ${describeInstant(round.reset)}, ${seconds} s`;
  };
  try {
    const kills = await subject.killAndRunAgain(round);
    tally.runs += Number(kills.run.killed);
    tally.resets += Number(kills.reset.killed);
    const missed = [...(kills.run.killed ? [] : [command]), ...(kills.reset.killed ? [] : [back])];
    const isGood = kills.run.killed || !mustLand(round.run);
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

/** @throws Error when one of the names is not a kind */
function readKinds(text: string): readonly Kind[] {
  return text.split(',').map((name) => {
    const kind = kinds[name];
    if (kind === undefined)
      throw new Error(`--runs ${name}: must be one of ${Object.keys(kinds).join(', ')}`);
    return kind;
  });
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: Object.keys(kinds).join(',') },
    random: { type: 'string', default: '20' },
    seed: { type: 'string' },
    phases: { type: 'string', default: '' },
  },
});
const seed = values.seed === undefined ? seedOf(process.env) : readCount('seed', values.seed);
const random = readCount('random', values.random);
const pattern = new RegExp(values.phases);
const chosen = readKinds(values.runs);
const report = createTextReport(process.stderr);
await ensureComponents({ report });
await ensureComponents({ set: 'compare', report });
await ensureComponents({ set: 'suite', report });
buildExecutable();
await prune();
console.log(`seed ${seed}: --seed ${seed} (or KILL_SEED=${seed}) repeats the random instants`);
let passed = 0;
let failed = 0;
for (const kind of chosen) {
  const tally = await all(kind, (course) => [
    ...phaseRounds(course, pattern),
    ...randomRounds(course, random, seed),
  ]);
  const rounds = tally.passed + tally.failed;
  console.log(
    `${kind.command}: ${tally.runs} kills of it and ${tally.resets} of the ${kind.back}; ${tally.passed} of ${rounds} rounds converged`,
  );
  passed += tally.passed;
  failed += tally.failed + Number(tally.runs === 0) + Number(tally.resets === 0);
}
finish({ passed, failed });
