import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { dirAvailable } from './dir-available.ts';

const path = '/var/lib/etcd';
const check = dirAvailable(path);

test('the check DirAvailable passes for a missing and for an empty directory', async () => {
  expect(check.name).toBe('DirAvailable--var-lib-etcd');
  expect(await verdict(check)).toEqual(clean);
  expect(await verdict(check, { files: { [path]: { directory: true } } })).toEqual(clean);
});

test('the check DirAvailable fails for a directory with an entry and for a file', async () => {
  const full = await verdict(check, { files: { [`${path}/member/snap`]: '' } });
  expect(full.errors).toEqual([
    expect.stringMatching(
      /^\/var\/lib\/etcd is not empty \(member\): if this machine is part of a cluster .* must stay;/,
    ),
  ]);
  const file = await verdict(check, { files: { [path]: 'x' } });
  expect(file.errors).toEqual([expect.stringContaining('is not empty')]);
});

test('the check DirAvailable fails when the directory cannot be read', async () => {
  const files = { [path]: { directory: true } as const };
  const { errors } = await verdict(check, { files }, ({ disk }) => disk.fail(path, 'EACCES'));
  expect(errors).toEqual([expect.stringContaining('permission denied')]);
});
