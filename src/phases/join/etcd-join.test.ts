import { beforeAll, expect, test } from 'vitest';
import type { KubeadmEvent } from '../../events.ts';
import type { MemoryHost } from '../../host/memory/index.ts';
import { certificateKey, controlPlaneFields, controlPlaneMachine } from './control-plane.fixture.ts';
import { createCluster, type JoinableCluster } from './machine.fixture.ts';
import { runJoin } from './run.ts';

const node = { nodeName: 'cp2', address: '10.0.0.6' };
const manifest = '/etc/kubernetes/manifests/etcd.yaml';
const data = '/var/lib/etcd/member/db';

let cluster: JoinableCluster;
beforeAll(async () => {
  cluster = await createCluster({ certificateKey });
});

/** Joins while somebody removes the member, whose container ends this long after its manifest. */
async function joinWithoutMember(endsAfterMs: number): Promise<{
  readonly host: MemoryHost;
  readonly events: readonly KubeadmEvent[];
  readonly waitedMs: number;
}> {
  const host = await controlPlaneMachine(cluster, node);
  const { containers } = host.runtime;
  const events: KubeadmEvent[] = [];
  let removedAt = Number.POSITIVE_INFINITY;
  let waitedMs = 0;
  host.gate.onWrite(({ kind, target }) => {
    if (kind === 'remove' && target === manifest) removedAt = host.clock.monotonic();
    if (target.startsWith('/var/lib/etcd')) waitedMs = host.clock.monotonic() - removedAt;
    if (kind !== 'file' || target !== manifest) return;
    for (const { id, name } of host.etcdCluster.members.values())
      if (name !== 'cp1') host.etcdCluster.members.delete(id);
    containers.set('e', {
      id: 'e',
      podSandboxId: 's',
      name: 'etcd',
      attempt: 0,
      get state() {
        return host.clock.monotonic() - removedAt >= endsAfterMs ? 'exited' : 'running';
      },
      startedAt: 1,
      finishedAt: 0,
      logPath: '',
    });
  });
  const fields = controlPlaneFields(cluster, node);
  const ended = runJoin(host, { fields }, { record: ({ event }) => void events.push(event) });
  expect(await ended.catch((error: unknown) => error)).toMatchObject({ code: 'refused' });
  expect(host.snapshot()).not.toHaveProperty([manifest]);
  return { host, events, waitedMs };
}

test('the data of a member that was removed is deleted after its process has ended', async () => {
  const { events, host, waitedMs } = await joinWithoutMember(5_000);
  expect(host.snapshot()).not.toHaveProperty([data]);
  expect(waitedMs).toBeGreaterThanOrEqual(5_000);
  expect(events).not.toContainEqual(expect.objectContaining({ code: 'etcd-data-left' }));
  const wait = { topic: 'etcd', for: 'the end of etcd' };
  expect(events).toContainEqual({ type: 'waiting', ...wait, timeoutMs: 35_000 });
  expect(events).toContainEqual({ type: 'waited', ...wait, milliseconds: waitedMs });
});

test('the data of a member that was removed stays while its process runs, with a warning', async () => {
  const { events, host } = await joinWithoutMember(Number.POSITIVE_INFINITY);
  expect(host.snapshot()).toHaveProperty([data]);
  expect(events).toContainEqual(
    expect.objectContaining({
      code: 'etcd-data-left',
      message: expect.stringContaining('the container of etcd still runs'),
    }),
  );
});
