/** Cuts the power after a write of the join of a control plane, then runs the same command again. */
import { expect } from 'vitest';
import type { MemoryHost } from '../../host/memory/index.ts';
import { filesOf, mismatches, objectsOf } from '../../run-record/end-state.fixture.ts';
import {
  certificateKey,
  controlPlaneFields,
  controlPlaneMachine,
  machineOf,
  type Remains,
  remainsOf,
} from './control-plane.fixture.ts';
import { createCluster } from './machine.fixture.ts';
import { runJoin } from './run.ts';

const node = { nodeName: 'cp2', address: '10.0.0.6' };

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

/**
 * @param choose the writes after which the power is cut
 * @returns the number of writes of an undisturbed run
 */
export async function expectSameJoin(choose: (cuts: readonly Cut[]) => readonly Cut[]): Promise<number> {
  const cluster = await createCluster({ certificateKey });
  const join = async (host: MemoryHost) => await runJoin(host, { fields: controlPlaneFields(cluster, node) });
  const undisturbed = await controlPlaneMachine(cluster, node);
  const cuts = await cutsOf(undisturbed, join);
  const expected = stateOf(undisturbed);
  expect(mismatches(undisturbed)).toEqual([]);
  for (const { ended, remains, write } of choose(cuts)) {
    const host = await machineOf(cluster, node, remains);
    const again = await join(host).catch((error: unknown) => error);
    // Once the record is removed, preflight refuses the node, as upstream's does.
    if (ended) expect(again, write).toMatchObject({ code: 'preflight-failed' });
    else expect(again, write).toMatchObject({ nodeName: 'cp2' });
    expect(stateOf(host), write).toEqual(expected);
    expect(mismatches(host), write).toEqual([]);
  }
  return cuts.length;
}
