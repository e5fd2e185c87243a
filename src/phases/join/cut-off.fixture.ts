/** Cuts the power after a write of a join, then runs the same command again. */
import { expect } from 'vitest';
import type { MemoryHost } from '../../host/memory/index.ts';
import { filesOf, mismatches, objectsOf } from '../../run-record/end-state.fixture.ts';
import {
  certificateKey,
  controlPlaneFields,
  controlPlaneMachine,
  filesLeft,
  machineOf,
  type Remains,
  remainsOf,
} from './control-plane.fixture.ts';
import { createCluster, type JoinableCluster, joiningMachine, workerFields } from './machine.fixture.ts';
import type { JoinRequest } from './request.ts';
import { runJoin } from './run.ts';

/** A machine that joins, before the join and after a power cut. */
interface Joining {
  readonly nodeName: string;
  readonly fields: (cluster: JoinableCluster) => NonNullable<JoinRequest['fields']>;
  readonly machine: (cluster: JoinableCluster, remains?: Remains) => Promise<MemoryHost>;
  readonly hasCertificates: boolean;
}

export const node = { nodeName: 'cp2', address: '10.0.0.6' };

export const controlPlane: Joining = {
  nodeName: node.nodeName,
  fields: (cluster) => controlPlaneFields(cluster, node),
  machine: async (cluster, remains) =>
    remains === undefined
      ? await controlPlaneMachine(cluster, node)
      : await machineOf(cluster, node, remains),
  hasCertificates: true,
};

export const worker: Joining = {
  nodeName: 'node1',
  fields: workerFields,
  machine: async (cluster, remains) => {
    if (remains === undefined) return await joiningMachine(cluster);
    const host = await joiningMachine(cluster, { files: filesLeft(remains) });
    for (const object of remains.objects) host.api.put(object);
    if (remains.kubeletActive) await host.services.start('kubelet');
    return host;
  },
  hasCertificates: false,
};

export interface Cut {
  readonly write: string;
  readonly remains: Remains;
  /** True if the record is already removed: the run is complete, although the process had not ended. */
  readonly ended: boolean;
}

/** Runs the join to its end, and returns the state that a power cut would leave after each write. */
async function cutsOf(
  host: MemoryHost,
  join: (host: MemoryHost) => Promise<unknown>,
): Promise<readonly Cut[]> {
  const cuts: Cut[] = [];
  let ended = false;
  host.gate.onWrite(({ kind, target }, count) => {
    ended ||= kind === 'remove' && target === '/var/lib/kubeadm/unfinished-run.json';
    cuts.push({ write: `${count}: ${kind} ${target}`, remains: remainsOf(host), ended });
  });
  await join(host);
  return cuts;
}

function stateOf(host: MemoryHost) {
  const files = Object.entries(filesOf(host)).filter(
    ([path]) => !/^\/run\/|^\/var\/lib\/kubeadm\/$/.test(path),
  );
  return {
    files: Object.fromEntries(files),
    objects: objectsOf(host),
    members: [...host.etcdCluster.members.values()].map(({ id: _, ...member }) => member),
  };
}

export interface Joined {
  readonly cluster: JoinableCluster;
  /** The machine that has joined. */
  readonly undisturbed: MemoryHost;
  readonly cuts: readonly Cut[];
}

/** Runs the join of the machine to its end. */
export async function joinWithCuts({ fields, machine }: Joining): Promise<Joined> {
  const cluster = await createCluster({ certificateKey });
  const undisturbed = await machine(cluster);
  const join = async (host: MemoryHost) => await runJoin(host, { fields: fields(cluster) });
  return { cluster, undisturbed, cuts: await cutsOf(undisturbed, join) };
}

/**
 * @param choose the writes after which the power is cut
 * @returns the number of writes of an undisturbed run
 */
export async function expectSameJoin(
  joining: Joining,
  choose: (cuts: readonly Cut[]) => readonly Cut[],
): Promise<number> {
  const { fields, hasCertificates, machine, nodeName } = joining;
  const { cluster, cuts, undisturbed } = await joinWithCuts(joining);
  const join = async (host: MemoryHost) => await runJoin(host, { fields: fields(cluster) });
  const wrong = (host: MemoryHost): readonly string[] => (hasCertificates ? mismatches(host) : []);
  const expected = stateOf(undisturbed);
  expect(wrong(undisturbed)).toEqual([]);
  for (const { ended, remains, write } of choose(cuts)) {
    const host = await machine(cluster, remains);
    const again = await join(host).catch((error: unknown) => error);
    // Once the record is removed, preflight refuses the node, as upstream's does.
    if (ended) expect(again, write).toMatchObject({ code: 'preflight-failed' });
    else expect(again, write).toMatchObject({ nodeName });
    expect(stateOf(host), write).toEqual(expected);
    expect(wrong(host), write).toEqual([]);
  }
  return cuts.length;
}
