import { expect, test } from 'vitest';

import type { EtcdMember } from '../../clients/etcd/etcd-client.ts';
import { manifestsDir } from '../../names.ts';
import { runReset } from '../reset/run.ts';
import { machineOf } from './control-plane.fixture.ts';
import { type Cut, controlPlane, joinWithCuts, node } from './cut-off.fixture.ts';

const isOwn = ({ peerURLs }: EtcdMember): boolean => peerURLs.includes(`https://${node.address}:2380`);

test('reset removes the member of a join that was cut off, without manifests and the API server', async () => {
  const { cluster, cuts } = await joinWithCuts(controlPlane);
  const undo = async ({ ended, remains, write }: Cut): Promise<void> => {
    const host = await machineOf(cluster, node, remains);
    // When the record is gone, the join has ended, and only the manifest tells of the member.
    for (const name of ended ? [] : ['etcd', 'kube-apiserver'])
      await host.files.removeTree(`${manifestsDir}/${name}.yaml`);
    host.api.reachable = false;
    await runReset(host, { force: true }).catch((error: unknown) => expect(error, write).toBeUndefined());
    expect([...host.etcdCluster.members.values()].filter(isOwn), write).toEqual([]);
    expect(host.snapshot('/etc/kubernetes/pki'), write).toEqual({});
  };
  const withMember = cuts.filter(({ remains }) => remains.members.some(isOwn));
  expect(withMember.length).toBeGreaterThan(5);
  for (const cut of withMember) await undo(cut);
});
