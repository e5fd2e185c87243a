import { beforeAll, describe, expect, test } from 'vitest';
import { attempt, cp2, members, written } from './attempt.fixture.ts';
import { certificateKey, controlPlaneFields, controlPlaneMachine } from './control-plane.fixture.ts';
import { createCluster, type JoinableCluster } from './machine.fixture.ts';

let cluster: JoinableCluster;
beforeAll(async () => {
  cluster = await createCluster({ certificateKey });
});

describe('a dry run', () => {
  const directory = '/tmp/dry';
  const environment = { KUBEADM_JOIN_DRYRUN_DIR: directory };

  test('writes the files of a control plane into its directory, and changes nothing else', async () => {
    const host = await controlPlaneMachine(cluster, cp2, { environment });
    const before = { objects: host.api.all(), members: members(host) };
    const { error, events } = await attempt(host, { fields: controlPlaneFields(cluster, cp2), dryRun: true });
    expect(error).toBeUndefined();
    expect({ objects: host.api.all(), members: members(host) }).toEqual(before);
    expect(written(host)).toEqual([]);
    expect(host.units.get('kubelet')?.active).toBe(false);
    const files = Object.keys(host.snapshot(directory)).map((path) => path.slice(directory.length + 1));
    expect(files).toEqual(
      expect.arrayContaining([
        'etcd.yaml',
        'kube-apiserver.yaml',
        'admin.conf',
        'controller-manager.conf',
        'scheduler.conf',
        'apiserver.crt',
        'etcd/peer.crt',
        'ca.key',
        'config.yaml',
      ]),
    );
    const would = events.filter(({ type }) => type === 'would-add-member' || type === 'would-promote-member');
    expect(would).toEqual([
      { type: 'would-add-member', peerURL: 'https://10.0.0.6:2380' },
      { type: 'would-promote-member', id: '2' },
    ]);
    const said = events.flatMap((event) => (event.type === 'progress' ? event.message : []));
    expect(said).toContain('Would check that the etcd cluster is healthy');
    expect(said).toContain('Would wait for the new etcd member to join the cluster');
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'would-call', verb: 'PATCH', resource: 'nodes', name: 'cp2' }),
    );
  });

  test('makes up authorities while there is no cluster to get them from', async () => {
    const host = await controlPlaneMachine(cluster, cp2, { environment });
    host.api.reachable = false;
    const { error, events } = await attempt(host, { fields: controlPlaneFields(cluster, cp2), dryRun: true });
    expect(error).toBeUndefined();
    expect(written(host)).toEqual([]);
    const made = events.flatMap((event) => (event.type === 'certificate-generated' ? event.name : []));
    expect(made).toEqual(expect.arrayContaining(['ca', 'front-proxy-ca', 'etcd/ca', 'etcd/peer', 'sa']));
  });
});
