import { expect, test } from 'vitest';

import { describeInstant, init, killAndRunAgain, randomRounds, runUndisturbed, seedOf } from './cut-off.ts';
import { execKubeadm } from './events.ts';
import { runKubeadm, withNode, writeConfig } from './support.ts';

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

test('SIGTERM ends init with what to do, and init goes on from there', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node);
    const cut = await execKubeadm(node, init, {
      timeoutMs: 60_000,
      under: ['timeout', '--preserve-status', '-s', 'TERM', '3'],
    });
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
    // A node that a finished init made is not one to go on with.
    const third = await execKubeadm(node, init, { timeoutMs: 60_000 });
    expect(third.code).toBe(1);
    expect(third.stderr).toContain('[ERROR FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml]');
  });
});
