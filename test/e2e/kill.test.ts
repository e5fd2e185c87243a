import { expect, test } from 'vitest';

import { init, killAndRunAgain, runUndisturbed, signalAt } from '../support/cut-off.ts';
import { execKubeadm } from '../support/events.ts';
import { describeInstant, mustLand, randomPhaseRounds, randomRounds, seedOf } from '../support/instants.ts';
import { runKubeadm, withNode, writeConfig } from '../support/node.ts';

/** One half of the kills comes at events of the run, the other half at random times. */
const kills = 6;

test(`init and reset have the same result as undisturbed runs after ${kills} random kills`, async () => {
  await withNode(async (lab, node) => {
    const seed = seedOf(process.env);
    process.stderr.write(`kill: KILL_SEED=${seed} repeats these instants\n`);
    const undisturbed = await runUndisturbed(lab, node);
    const rounds = [...randomPhaseRounds(kills / 2, seed), ...randomRounds(kills / 2, seed, undisturbed)];
    for (const round of rounds) {
      const where = `KILL_SEED=${seed}: init ${describeInstant(round.init)}, reset ${describeInstant(round.reset)}`;
      const cut = await killAndRunAgain({ lab, node, undisturbed }, round).catch((error: unknown) => {
        throw new Error(where, { cause: error });
      });
      process.stderr.write(`kill: init ${cut.init.killed}, reset ${cut.reset.killed}: ${where}\n`);
      if (mustLand(round.init)) expect(cut.init.killed, where).toBe(true);
    }
  });
});

test('SIGTERM ends init with advice, and the next init resumes the run', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node);
    const instant = { phase: 'wait-control-plane/api-server', moment: 'start' } as const;
    const cut = await signalAt(node, init, { instant, signal: 'TERM' });
    expect(cut).toMatchObject({
      code: 143,
      stderr: expect.stringMatching(/^error: interrupted by SIGTERM\nhint: What was done so far is kept\. /m),
    });
    const left = await node.mustExec([
      'find',
      '/etc/kubernetes',
      '/var/lib/kubelet',
      '-name',
      '.*.kubeadm-*',
    ]);
    expect(left).toBe('');
    const output = await runKubeadm(node, init);
    expect(output).toContain('that did not end\n');
    expect(output).toContain('initialized successfully!');
    expect((await node.exec(['ls', '/var/lib/kubeadm'])).code).not.toBe(0);
    // A node with a finished init is refused.
    const third = await execKubeadm(node, init, { timeoutMs: 60_000 });
    expect(third.code).toBe(1);
    expect(third.stderr).toContain('[ERROR FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml]');
  });
});
