/** Lists labs and removes leftovers. */
import { deleteLab } from './lab.ts';
import { isAlive } from './process.ts';
import {
  bootId,
  labFolder,
  labIds,
  nodeFolder,
  readLab,
  readNodes,
  readProcess,
  removeUnnamed,
  stateRoot,
} from './state.ts';

/**
 * A lab is `stopped` if none of its processes runs, `leftover` if the run that made it has ended, `half-made` if its
 * making was cut off, and `making` while it is made. Otherwise it is `running`.
 */
export type LabState = 'running' | 'stopped' | 'leftover' | 'half-made' | 'making';

export interface LabSummary {
  readonly id: string;
  readonly state: LabState;
  /** The time in ISO 8601; undefined if the making was cut off before the time was recorded. */
  readonly created: string | undefined;
  readonly kubernetes: string | undefined;
  readonly nodes: readonly {
    readonly name: string;
    readonly kind: 'node' | 'host';
    readonly running: boolean;
    readonly addresses: readonly string[];
  }[];
}

export async function listLabs(): Promise<readonly LabSummary[]> {
  const state = stateRoot();
  return Promise.all((await labIds(state)).map((id) => summary(state, id)));
}

/** Deletes leftovers, half-made and stopped labs, which nobody uses. Returns their ids. */
export async function prune(): Promise<readonly string[]> {
  await removeUnnamed(stateRoot());
  const removed: string[] = [];
  for (const { id, state } of await listLabs()) {
    if (state === 'running' || state === 'making') continue;
    await deleteLab(id);
    removed.push(id);
  }
  return removed;
}

async function summary(state: string, id: string): Promise<LabSummary> {
  const record = await readLab(state, id);
  const nodes = await Promise.all(
    (await readNodes(state, id)).map(async ({ name, kind, addresses }) => ({
      name,
      kind,
      running: await runs(nodeFolder(state, id, name)),
      addresses: [addresses.ipv4, addresses.ipv6].flatMap((one) => (one === undefined ? [] : [one])),
    })),
  );
  return {
    id,
    state: await stateOf(
      state,
      id,
      nodes.some(({ running }) => running),
    ),
    created: record?.created,
    kubernetes: record?.kubernetes,
    nodes,
  };
}

async function stateOf(state: string, id: string, anyRuns: boolean): Promise<LabState> {
  const record = await readLab(state, id);
  if (record === undefined) return 'half-made';
  if (record.bootId !== (await bootId())) return 'stopped';
  if (record.maker !== undefined) return (await isAlive(record.maker)) ? 'making' : 'half-made';
  if (record.owner !== undefined && !(await isAlive(record.owner))) return 'leftover';
  return anyRuns || (await runs(labFolder(state, id))) ? 'running' : 'stopped';
}

async function runs(folder: string): Promise<boolean> {
  const first = await readProcess(folder);
  return first !== undefined && (await isAlive(first));
}
