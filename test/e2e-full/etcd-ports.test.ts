/** A control plane that joins while a firewall blocks a port of etcd: the error names it, and no member is left. */
import { expect, test } from 'vitest';

import { members } from '../support/etcd.ts';
import { execKubeadm } from '../support/events.ts';
import { run } from '../support/interop.ts';
import { expectReady, first, initFirst, joinNode, withMachines, writeJoinConfig } from '../support/many.ts';
import { configFile } from '../support/node.ts';

/** Rules of the joining node. The time limit of the last wait is that of upstream, because much data takes as long. */
const blocked = [
  {
    name: 'from it to the peer ports',
    rule: 'OUTPUT -p tcp --dport 2380 -j DROP',
    says: /^error: .*cannot connect to the members of etcd at their peer URLs: .*:2380 \(no answer\)/m,
    withinSeconds: 60,
  },
  {
    name: 'from it to the ports for clients',
    rule: 'OUTPUT -p tcp ! -d 127.0.0.1 --dport 2379 -j DROP',
    says: /^error: .*no member of etcd takes a connection of this node: .*:2379 \(no answer\)/m,
    withinSeconds: 100,
  },
  {
    name: 'from the leader to its peer port',
    rule: 'INPUT -p tcp --dport 2380 -j DROP',
    says: /^hint: .*through the peer port of this node/m,
    withinSeconds: 240,
  },
] as const;

test('a blocked port of etcd is named, and no member is left', async () => {
  await withMachines(
    async (machines) => {
      const [admin, node] = [first(machines), machines.controlPlanes[1]];
      if (node === undefined) throw new RangeError('two control planes are needed');
      const invitation = await initFirst(machines);
      for (const { name, rule, says, withinSeconds } of blocked) {
        await writeJoinConfig(machines, node, { invitation, controlPlane: true });
        await node.mustExec(['sh', '-c', `iptables -I ${rule}`]);
        const started = performance.now();
        const { code, stderr } = await execKubeadm(node, ['join', '--config', configFile], {
          timeoutMs: 300_000,
        });
        const seconds = (performance.now() - started) / 1000;
        console.log(`figure blocked ${name}: ${seconds.toFixed(1)} s`);
        expect.soft(code, name).toBe(1);
        expect.soft(stderr, name).toMatch(says);
        expect.soft(stderr, name).not.toContain('likely cause');
        expect.soft(seconds, name).toBeLessThan(withinSeconds);
        expect.soft(await members(admin), name).toHaveLength(1);
        await node.mustExec(['sh', '-c', `iptables -D ${rule}`]);
        await run(node, 'kubeadm', 'reset -f');
      }
      await joinNode(machines, node, { invitation, controlPlane: true });
      await expectReady(machines, [admin, node]);
    },
    { controlPlanes: 2 },
  );
});
