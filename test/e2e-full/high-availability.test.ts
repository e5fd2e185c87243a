/** A cluster of three control planes that loses nodes, one after the other, while a client writes to it all the time. */
import { expect, test } from 'vitest';

import { kubectl } from '../../lab/cluster.ts';
import type { LabNode } from '../../lab/index.ts';
import { type ApiWriter, type WriteReport, withApiWriter } from '../support/api-writer.ts';
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

/** The first control plane whose name fits beside the name of the leader of etcd. */
async function nodeOf(machines: Machines, fits: (name: string, leader: string) => boolean): Promise<LabNode> {
  const leading = (await leader(first(machines))).name;
  const found = machines.controlPlanes.find(({ name }) => fits(name, leading));
  if (found === undefined) throw new RangeError(`no control plane fits beside the leader ${leading}`);
  return found;
}

function describeReport({ acknowledged, errors, failed, longestGapMs, lost }: WriteReport): string {
  const counts = `${acknowledged} writes acknowledged, ${failed} failed ${JSON.stringify(errors)}, ${lost.length} lost`;
  return `${counts}, longest gap ${longestGapMs} ms`;
}

/** Resets all control planes but one, and joins them again at the same time: each waits for the learner of the other. */
async function rejoinAtOnce(machines: Machines, invitation: Invitation): Promise<void> {
  const keeper = first(machines);
  const others = machines.controlPlanes.filter((node) => node !== keeper);
  for (const node of others) {
    await run(node, 'kubeadm', 'reset -f');
    await kubectl(keeper, ['delete', 'node', node.name]);
  }
  expect(await votingMembers(keeper)).toEqual([keeper.name]);
  await Promise.all(others.map((node) => joinNode(machines, node, { invitation, controlPlane: true })));
  expect(await votingMembers(keeper)).toEqual(['cp1', 'cp2', 'cp3']);
}

test('no acknowledged write is lost when control planes lose their power and join again', async () => {
  await withMachines(async (machines) => {
    const { balancer, controlPlanes, workers } = machines;
    const admin = first(machines);
    const invitation = await initFirst(machines);
    for (const node of controlPlanes.slice(1))
      await joinNode(machines, node, { invitation, controlPlane: true });
    for (const node of workers) await joinNode(machines, node, { invitation });
    const endpoint = `${balancer.addresses.ipv4}:6443`;
    await withApiWriter(balancer, { admin, endpoint }, async (writer) => {
      await expectWrites(writer, 50);
      const follower = await nodeOf(machines, (name, leading) => name !== admin.name && name !== leading);
      await loseAndRejoin(machines, follower, { invitation, writer });
      const leading = await nodeOf(machines, (name, leader) => name === leader);
      await loseAndRejoin(machines, leading, { invitation, writer });
      await rejoinAtOnce(machines, invitation);
      await expectReady(machines, [...controlPlanes, ...workers]);
      const report = await writer.stop(admin);
      console.log(describeReport(report));
      expect(report.lost).toEqual([]);
      expect(report.acknowledged).toBeGreaterThan(500);
    });
    await runSuite(admin, []);
  }, size);
});
