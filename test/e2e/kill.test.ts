import { expect, test } from 'vitest';

import { init, initSubject, type Subject, signalAt } from '../support/cut-off.ts';
import { joinSubject } from '../support/cut-off-join.ts';
import { execKubeadm } from '../support/events.ts';
import { describeInstant, mustLand, randomPhaseRounds, randomRounds, seedOf } from '../support/instants.ts';
import { initFirst, withMachines } from '../support/many.ts';
import { runKubeadm, withNode, writeConfig } from '../support/node.ts';

const seed = seedOf(process.env);

/** Runs rounds with random kills. One half of the kills comes at events of the run, the other half at random times. */
async function expectSameAfterKills(what: string, subject: Subject, kills: number): Promise<void> {
  const { course } = subject;
  const rounds = [...randomPhaseRounds(course, kills / 2, seed), ...randomRounds(course, kills / 2, seed)];
  for (const round of rounds) {
    const where = `KILL_SEED=${seed}: ${what} ${describeInstant(round.run)}, reset ${describeInstant(round.reset)}`;
    const cut = await subject.killAndRunAgain(round).catch((error: unknown) => {
      throw new Error(where, { cause: error });
    });
    process.stderr.write(`kill: ${what} ${cut.run.killed}, reset ${cut.reset.killed}: ${where}\n`);
    if (mustLand(round.run)) expect(cut.run.killed, where).toBe(true);
  }
}

test('init and reset have the same result as undisturbed runs after random kills', async () => {
  await withNode(async (lab, node) => {
    await expectSameAfterKills('init', await initSubject(lab, node), 6);
  });
});

test('join and reset have the same result as undisturbed runs after random kills', async () => {
  await withMachines(
    async (machines) => {
      const [, cp2] = machines.controlPlanes;
      const [worker] = machines.workers;
      if (cp2 === undefined || worker === undefined) throw new RangeError('the machines are too few');
      const invitation = await initFirst(machines);
      const asWorker = await joinSubject(machines, worker, { invitation });
      await expectSameAfterKills('join of a worker', asWorker, 2);
      const asControlPlane = await joinSubject(machines, cp2, { invitation, controlPlane: true });
      await expectSameAfterKills('join of a control plane', asControlPlane, 4);
    },
    { controlPlanes: 2, workers: 1 },
  );
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
