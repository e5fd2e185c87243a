/** Clusters of many nodes from init to the reset of every node. */
import { expect, test } from 'vitest';

import { discoveries } from '../support/discovery.ts';
import { members } from '../support/etcd.ts';
import { startExternalEtcd } from '../support/external-etcd.ts';
import {
  allNodes,
  expectReady,
  expectResets,
  first,
  initFirst,
  joinAll,
  joinNode,
  withMachines,
} from '../support/many.ts';
import { runSuite } from '../support/node.ts';

test('three control planes with uploaded certificates and two workers behind a balancer', async () => {
  await withMachines(
    async (machines) => {
      const invitation = await initFirst(machines);
      const { controlPlanes, workers } = machines;
      for (const node of controlPlanes.slice(1)) {
        await joinNode(machines, node, { invitation, controlPlane: true });
      }
      const variants = [
        'a token and the hash of the CA',
        'a file without credentials and a token for the TLS bootstrap',
      ];
      for (const [index, node] of workers.entries()) {
        const discover = discoveries[variants[index] ?? ''];
        if (discover === undefined) throw new RangeError('no such discovery');
        await joinNode(machines, node, {
          invitation,
          ...(await discover(machines, node, invitation)),
        });
      }
      await expectReady(machines, allNodes(machines));
      const found = await members(first(machines));
      expect(found.map(({ name }) => name).sort()).toEqual(['cp1', 'cp2', 'cp3']);
      expect(found.filter(({ isLearner, isStarted }) => isLearner || !isStarted)).toEqual([]);
      // The specs of [copy-certs] look at the uploaded certificates.
      await runSuite(first(machines), []);
      await expectResets(machines);
    },
    { controlPlanes: 3, workers: 2 },
  );
});

test('two control planes and a worker with one http endpoint of an external etcd', async () => {
  await withMachines(
    async (machines) => {
      const { lab } = machines;
      const external = await startExternalEtcd([lab.node('etcd')], { tls: false, clients: [] });
      const invitation = await initFirst(machines, { fields: { cluster: { etcd: { external } } } });
      await joinAll(machines, { invitation });
      await expectReady(machines, allNodes(machines));
      await runSuite(first(machines));
      await expectResets(machines);
      expect(await lab.node('etcd').mustExec(['ls', '/root/etcd/data'])).toBe('member\n');
    },
    { controlPlanes: 2, workers: 1, more: [{ name: 'etcd', kind: 'host' }] },
  );
});
