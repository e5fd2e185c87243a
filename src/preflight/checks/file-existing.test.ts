import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { fileExisting, programExisting } from './file-existing.ts';

test('the check FileExisting looks for a program in the PATH', async () => {
  const check = programExisting('losetup', 'for block volumes');
  expect(check.name).toBe('FileExisting-losetup');
  expect(await verdict(check, { programs: { losetup: {} } })).toEqual(clean);
  expect((await verdict(check)).errors).toEqual([
    'losetup not found in the system path; it is needed for block volumes',
  ]);
});

test('the check FileExisting looks for a file', async () => {
  const check = fileExisting('/etc/etcd/ca.crt');
  expect(check.name).toBe('FileExisting--etc-etcd-ca.crt');
  expect(await verdict(check, { files: { '/etc/etcd/ca.crt': '' } })).toEqual(clean);
  expect((await verdict(check)).errors).toEqual(["/etc/etcd/ca.crt doesn't exist"]);
  const denied = await verdict(check, {}, ({ disk }) => disk.fail('/etc/etcd/ca.crt', 'EACCES'));
  expect(denied.errors).toEqual([expect.stringContaining('permission denied')]);
});
