import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type EnsureContext, ensurePieces, type Piece } from './build.ts';
import type { ComponentsEvent } from './events.ts';
import { withLock } from './lock.ts';
import { cacheRoot, entryFolder, hasEntry } from './store.ts';

let root = '';
let events: ComponentsEvent[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'build-'));
  events = [];
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

function piece(name: string, make: Piece['make'] = (folder) => writeFile(join(folder, name), name)): Piece {
  return { kind: 'program', name, version: 'v1', key: `${name}-key`, sizeMB: 1, make };
}

function context(needsMB = 0): EnsureContext {
  return {
    root,
    purpose: 'testing',
    report: (event) => events.push(event),
    signal: undefined,
    source: { name: 'go', missingMB: async () => needsMB, folders: async () => [] },
  };
}

const types = (): readonly string[] => events.map(({ type }) => type);
const visible = async (): Promise<readonly string[]> =>
  (await readdir(root)).filter((name) => !name.startsWith('.lock'));

describe('ensurePieces', () => {
  test('the missing pieces are built and counted, and nothing is built the second time', async () => {
    await ensurePieces([piece('a')], context());
    events = [];
    await ensurePieces([piece('a'), piece('b'), piece('c')], context());
    expect(events).toMatchObject([
      { type: 'plan', missing: ['b', 'c'], of: 3, needsMB: 2 },
      { type: 'begin', step: { name: 'b', index: 1, total: 2 } },
      { type: 'done', step: { name: 'b' } },
      { type: 'begin', step: { name: 'c', index: 2, total: 2 } },
      { type: 'done', step: { name: 'c' } },
      { type: 'finished', built: 2 },
    ]);
    events = [];
    await ensurePieces([piece('a'), piece('b')], context());
    expect(events).toEqual([{ type: 'complete', programs: 2, images: 0 }]);
    expect(await readFile(join(entryFolder(root, 'b', 'b-key'), 'b'), 'utf8')).toBe('b');
  });

  test('a build that fails keeps its finished pieces and no others, and the next build goes on there', async () => {
    const broken = piece('b', async (folder) => {
      await writeFile(join(folder, 'b'), 'half');
      throw new Error('cut off');
    });
    await expect(ensurePieces([piece('a'), broken], context())).rejects.toThrow('cut off');
    expect(await visible()).toEqual(['a-a-key']);
    events = [];
    await ensurePieces([piece('a'), piece('b')], context());
    expect(events.filter(({ type }) => type === 'begin')).toMatchObject([{ step: { name: 'b' } }]);
  });

  test('the leftovers of a killed build are removed', async () => {
    await mkdir(join(root, '.partial-0123'));
    await writeFile(join(root, '.partial-0123', 'kubelet'), 'half');
    await ensurePieces([piece('a')], context());
    expect(await visible()).toEqual(['a-a-key']);
  });

  test('the source cleans up once everything is built, and not before', async () => {
    let cleaned = 0;
    const finish = async (): Promise<void> => {
      cleaned += 1;
    };
    const cleaning = { ...context(), source: { ...context().source, finish } };
    const broken = piece('b', () => Promise.reject(new Error('cut off')));
    await expect(ensurePieces([piece('a'), broken], cleaning)).rejects.toThrow('cut off');
    expect(cleaned).toBe(0);
    await ensurePieces([piece('a'), piece('b')], cleaning);
    expect(cleaned).toBe(1);
  });

  test('a disk that is too small stops the build before it begins', async () => {
    await expect(ensurePieces([piece('a')], context(1e9))).rejects.toThrow(/not enough disk.*GB are free/);
    expect(types()).toEqual([]);
    expect(await visible()).toEqual([]);
  });

  test('of two builds of the same piece, one builds it and the other waits for it', async () => {
    let made = 0;
    const slow = piece('a', async (folder) => {
      made += 1;
      await sleep(300);
      await writeFile(join(folder, 'a'), 'a');
    });
    await Promise.all([ensurePieces([slow], context()), ensurePieces([slow], context())]);
    expect(made).toBe(1);
  });
});

describe('withLock', () => {
  test('a failure gives the lock back', async () => {
    const fail = withLock(root, 'one', { report: () => {}, work: () => Promise.reject(new Error('no')) });
    await expect(fail).rejects.toThrow('no');
    expect(await withLock(root, 'two', { report: () => {}, work: async () => 'free' })).toBe('free');
  });

  test('a lock ends with its holder that is killed', async () => {
    const script = `
      import { withLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
      await withLock(process.argv[1], 'dying', { report: () => {}, work: () => {
        console.log('held');
        return new Promise((resolve) => setTimeout(resolve, 60_000));
      } });`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script, root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    const waited = withLock(root, 'heir', {
      report: (event) => events.push(event),
      work: async () => 'mine',
    });
    while (events.length === 0) await sleep(20);
    holder.kill('SIGKILL');
    expect(await waited).toBe('mine');
    expect(events).toMatchObject([{ type: 'waiting', holder: `process ${holder.pid}, dying` }]);
  });

  test('a wait for a lock can be aborted', async () => {
    const abort = new AbortController();
    await withLock(root, 'outer', {
      report: () => {},
      work: async () => {
        const waiting = withLock(root, 'inner', {
          report: () => abort.abort(),
          signal: abort.signal,
          work: async () => 'never',
        });
        await expect(waiting).rejects.toThrow(/abort/i);
      },
    });
  });
});

describe('the cache', () => {
  test.each([
    [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, '/x/kubeadm-ts/components'],
    [{ XDG_CACHE_HOME: '', HOME: '/h' }, '/h/.cache/kubeadm-ts/components'],
    [{ XDG_CACHE_HOME: 'relative', HOME: '/h' }, '/h/.cache/kubeadm-ts/components'],
  ])('the cache for the environment %j is in %s', (environment, expected) => {
    expect(cacheRoot(environment)).toBe(expected);
  });

  test('another key is another entry', async () => {
    await ensurePieces([piece('a')], context());
    expect(hasEntry(root, 'a', 'a-key')).toBe(true);
    expect(hasEntry(root, 'a', 'b-key')).toBe(false);
  });
});
