import { expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { untilChanged } from './until-changed.ts';

test('files are read again only after one of them has changed, appeared or gone', async () => {
  const host = createMemoryHost({ time: 'manual', files: { '/a': 'first' } });
  const paths = ['/a', '/b'];
  let reads = 0;
  const read = async (): Promise<string> => {
    reads += 1;
    return await host.files.readText('/a');
  };
  const look = untilChanged<string>(host);
  const textAfter = async (change?: () => Promise<unknown>): Promise<string> => {
    await host.time.advance(1_000);
    await change?.();
    return await look(paths, read);
  };
  expect([await textAfter(), await textAfter(), reads]).toEqual(['first', 'first', 1]);
  expect(await textAfter(async () => await host.files.write('/a', 'other', { mode: 0o600 }))).toBe('other');
  await textAfter(async () => await host.files.write('/b', '', { mode: 0o600 }));
  expect(reads).toBe(3);
  await textAfter(async () => await host.files.remove('/b'));
  await textAfter();
  expect(reads).toBe(4);
});

test('other paths are another question, and a failure is not remembered', async () => {
  const host = createMemoryHost({ files: { '/a': '' } });
  let reads = 0;
  const read = async (): Promise<number> => {
    reads += 1;
    if (reads === 1) throw new Error('unreadable');
    return reads;
  };
  const look = untilChanged<number>(host);
  await expect(look(['/a'], read)).rejects.toThrow('unreadable');
  expect(await look(['/a'], read)).toBe(2);
  expect(await look(['/a', '/c'], read)).toBe(3);
});
