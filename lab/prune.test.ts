import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { readNetwork } from './network.ts';
import { identify, type ProcessIdentity } from './process.ts';
import { listLabs, prune } from './prune.ts';
import { bootId, checkName, type LabRecord, labFolder, makeLabFolder, stateRoot } from './state.ts';

const gone: ProcessIdentity = { pid: process.pid, start: '1' };
let home = '';

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lab-prune-'));
  vi.stubEnv('XDG_STATE_HOME', home);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

async function made(id: string, changes: Partial<LabRecord>): Promise<void> {
  const record: LabRecord = {
    id,
    created: '2026-01-01T00:00:00.000Z',
    bootId: await bootId(),
    owner: undefined,
    maker: undefined,
    group: `${id}-000000`,
    network: readNetwork(),
    kubernetes: 'v1.36.2',
    ...changes,
  };
  await makeLabFolder(stateRoot(), record);
}

/** As if the lab's gateway were this process. */
async function running(id: string): Promise<void> {
  const self = await identify(process.pid);
  const fields = Array.from({ length: 18 }, () => '0').join(' ');
  await writeFile(join(labFolder(stateRoot(), id), 'stat'), `${self?.pid} (x) S ${fields} ${self?.start} 0`);
}

test('prune removes the remains of labs whose owner has ended, and nothing else', async () => {
  const self = await identify(process.pid);
  await made('kept', { owner: undefined });
  await running('kept');
  await made('mine', { owner: self });
  await running('mine');
  await made('orphan', { owner: gone });
  await running('orphan');
  await made('busy', { owner: self, maker: self });
  await made('cut', { owner: gone, maker: gone });
  await made('boot', { bootId: 'another' });
  await running('boot');
  await made('dead', {});
  await mkdir(labFolder(stateRoot(), 'rest'));
  const states = Object.fromEntries((await listLabs()).map(({ id, state }) => [id, state]));
  expect(states).toEqual({
    kept: 'running',
    mine: 'running',
    orphan: 'leftover',
    busy: 'making',
    cut: 'half-made',
    boot: 'stopped',
    dead: 'stopped',
    rest: 'half-made',
  });
  // The gateway of these is this process: it must not be waited for.
  for (const id of ['orphan', 'boot']) await rm(join(labFolder(stateRoot(), id), 'stat'));
  expect(await prune()).toEqual(['boot', 'cut', 'dead', 'orphan', 'rest']);
  expect((await readdir(stateRoot())).sort()).toEqual(['busy', 'kept', 'mine']);
});

test('a lab has its name only when its record is complete', async () => {
  await made('one', {});
  await expect(made('one', {})).rejects.toThrow('lab one exists already');
  expect(await readdir(stateRoot())).toEqual(['one']);
  await mkdir(join(stateRoot(), '.new-999999999-0'));
  await mkdir(join(stateRoot(), `.new-${process.pid}-0`));
  expect((await listLabs()).map(({ id }) => id)).toEqual(['one']);
  await prune();
  expect(await readdir(stateRoot())).toEqual([`.new-${process.pid}-0`]);
});

test.each(['', 'A', '../x', 'a/b', '-a', 'a-', '.new-1', 'a'.repeat(41)])(
  'the name "%s" of a lab is refused',
  (name) => {
    expect(() => checkName('lab', name)).toThrow(/lower case/);
  },
);
