import { expect, test } from 'vitest';

import { describeInstant, killAndRunAgain, randomRounds, runUndisturbed, seedOf } from './cut-off.ts';
import { withNode } from './support.ts';

const kills = 6;

test(`init and reset, killed at ${kills} random instants and run again, end as undisturbed ones`, async () => {
  await withNode(async (lab, node) => {
    const seed = seedOf(process.env);
    process.stderr.write(`kill: KILL_SEED=${seed} repeats these instants\n`);
    const undisturbed = await runUndisturbed(lab, node);
    let landed = 0;
    for (const round of randomRounds(kills, seed, undisturbed)) {
      const where = `KILL_SEED=${seed}: init ${describeInstant(round.init)}, reset ${describeInstant(round.reset)}`;
      const cut = await killAndRunAgain({ lab, node, undisturbed }, round).catch((error: unknown) => {
        throw new Error(where, { cause: error });
      });
      process.stderr.write(`kill: init ${cut.init.killed}, reset ${cut.reset.killed}: ${where}\n`);
      landed += Number(cut.init.killed);
    }
    // A run may be faster than the undisturbed one was; most are not.
    expect(landed).toBeGreaterThan(kills / 2);
  });
});
