/** A cluster of three control planes that loses nodes, one after the other, while a client writes to it all the time. */
import { expect, test } from 'vitest';

import { kubectl } from '../../lab/cluster.ts';
import type { LabNode } from '../../lab/index.ts';
import { type ApiWriter, startApiWriter, type WriteReport } from '../support/api-writer.ts';
import { leader, members } from '../support/etcd.ts';
import { run } from '../support/interop.ts';
import {
  expectReady,
  first,
  type Invitation,
  initFirst,
  joinNode,
  type Machines,
  withMachines,
} from '../support/many.ts';
import { runSuite } from '../support/node.ts';

const size = { controlPlanes: 3, workers: 1 };

/** Waits until this many further writes were acknowledged. @throws Error after a minute */
async function expectWrites(writer: ApiWriter, count: number): Promise<void> {
  const wanted = writer.acknowledged() + count;
  await expect.poll(writer.acknowledged, { timeout: 60_000, interval: 50 }).toBeGreaterThanOrEqual(wanted);
}

/** The names of all members, and none may be a learner or a member that never started. */
async function votingMembers(node: LabNode): Promise<readonly string[]> {
  const found = await members(node);
  expect(found.filter(({ isLearner, isStarted }) => isLearner || !isStarted)).toEqual([]);
  return found.map(({ name }) => name).sort();
}

/** Cuts the power of a node, and expects that writes go on. Then the node is reset and joins again. */
async function loseAndRejoin(
  machines: Machines,
  node: LabNode,
  { invitation, writer }: { readonly invitation: Invitation; readonly writer: ApiWriter },
): Promise<void> {
  const witness = machines.controlPlanes.find((one) => one !== node) ?? node;
  await machines.lab.cutPower(node.name);
  await expectWrites(writer, 200);
  await machines.lab.boot(node.name);
  await run(node, 'kubeadm', 'reset -f');
  expect(await votingMembers(witness)).not.toContain(node.name);
  await kubectl(witness, ['delete', 'node', node.name]);
  await expectWrites(writer, 50);
  await joinNode(machines, node, { invitation, controlPlane: true, from: witness });
  expect(await votingMembers(witness)).toEqual(['cp1', 'cp2', 'cp3']);
  await expectWrites(writer, 50);
}

async function leadingNode({ controlPlanes }: Machines, witness: LabNode): Promise<LabNode> {
  const { name } = await leader(witness);
  const found = controlPlanes.find((node) => node.name === name);
  if (found === undefined) throw new RangeError(`there is no node ${name}`);
  return found;
}

function describeReport({ acknowledged, failed, longestGapMs, lost }: WriteReport): string {
  return `${acknowledged} acknowledged, ${failed} failed, ${lost.length} lost, longest gap ${longestGapMs} ms`;
}

test('no acknowledged write is lost when control planes lose their power and join again', async () => {
  await withMachines(async (machines) => {
    const { balancer, controlPlanes, workers } = machines;
    const invitation = await initFirst(machines);
    const endpoint = `${balancer.addresses.ipv4}:6443`;
    for (const node of controlPlanes.slice(1))
      await joinNode(machines, node, { invitation, controlPlane: true });
    for (const node of workers) await joinNode(machines, node, { invitation });
    const writer = await startApiWriter(balancer, { admin: first(machines), endpoint });
    await expectWrites(writer, 50);
    const follower = controlPlanes[2] ?? first(machines);
    await loseAndRejoin(machines, follower, { invitation, writer });
    await loseAndRejoin(machines, await leadingNode(machines, first(machines)), { invitation, writer });

    // Two joins at the same time: each waits for the learner of the other.
    const [keeper, ...others] = controlPlanes;
    if (keeper === undefined) throw new RangeError('there is no control plane');
    for (const node of others) {
      await run(node, 'kubeadm', 'reset -f');
      await kubectl(keeper, ['delete', 'node', node.name]);
    }
    expect(await votingMembers(keeper)).toEqual([keeper.name]);
    await Promise.all(others.map((node) => joinNode(machines, node, { invitation, controlPlane: true })));
    expect(await votingMembers(keeper)).toEqual(['cp1', 'cp2', 'cp3']);

    await expectReady(machines, [...controlPlanes, ...workers]);
    const report = await writer.stop(keeper);
    console.log(describeReport(report));
    expect(report.lost).toEqual([]);
    expect(report.acknowledged).toBeGreaterThan(500);
    await runSuite(keeper, []);
  }, size);
});
