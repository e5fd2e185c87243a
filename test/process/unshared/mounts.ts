/** Unmounts real mounts, in a separate mount namespace (see ../unshared.test.ts). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';

import { createMachineHost } from '../../../src/host/machine/index.ts';

const { files, mounts } = createMachineHost();
const inExecutable = process.versions.bun !== undefined;
const base = mkdtempSync(`${tmpdir()}/kubeadm-mounts-`);
execFileSync('mount', ['-t', 'tmpfs', 'base', base]);
after(() => execFileSync('umount', ['--lazy', base]));

/** A tmpfs with a file in it. */
function mounted(name: string): string {
  const path = `${base}/${name}`;
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', 'contract', path]);
  writeFileSync(`${path}/file`, '');
  return path;
}

const isMounted = (path: string): boolean =>
  readFileSync('/proc/mounts', 'utf8').includes(` ${path.replaceAll(' ', '\\040')} `);

test('unmounting removes the mount and keeps the folder below it', async () => {
  const path = mounted('plain one');
  await mounts.unmount(path, []);
  assert.equal(isMounted(path), false);
  assert.equal(existsSync(path), true);
  assert.equal(existsSync(`${path}/file`), false);
});

test('an unmount that fails reports the errno', async () => {
  mkdirSync(`${base}/nothing`);
  const nothing = `${base}/nothing`;
  await assert.rejects(mounts.unmount(nothing, []), { code: 'file', errno: 'EINVAL', path: nothing });
  await assert.rejects(mounts.unmount(`${base}/none`, []), { errno: 'ENOENT' });
  const path = mounted('twice');
  await mounts.unmount(path, []);
  await assert.rejects(mounts.unmount(path, []), { errno: 'EINVAL' });
});

test('a mount in use is busy, and MNT_DETACH unmounts it anyway', async () => {
  const path = mounted('used');
  const open = openSync(`${path}/file`, 'r');
  try {
    await assert.rejects(mounts.unmount(path, []), { errno: 'EBUSY' });
    await assert.rejects(mounts.unmount(path, ['MNT_FORCE']), { errno: 'EBUSY' });
    assert.equal(isMounted(path), true);
    await mounts.unmount(path, ['MNT_DETACH']);
    assert.equal(isMounted(path), false);
  } finally {
    closeSync(open);
  }
});

test('MNT_EXPIRE marks a mount at the first call and unmounts it at the second', async () => {
  const path = mounted('expire');
  if (inExecutable) {
    await assert.rejects(mounts.unmount(path, ['MNT_EXPIRE']), { errno: 'EAGAIN' });
    assert.equal(isMounted(path), true);
    await mounts.unmount(path, ['MNT_EXPIRE']);
    assert.equal(isMounted(path), false);
  } else {
    await assert.rejects(mounts.unmount(path, ['MNT_EXPIRE']), { code: 'internal' });
    assert.equal(isMounted(path), true);
  }
});

test('UMOUNT_NOFOLLOW does not unmount the target of a link', async () => {
  const path = mounted('named');
  symlinkSync(path, `${base}/link`);
  const expected = inExecutable ? { errno: 'EINVAL' } : { code: 'internal' };
  await assert.rejects(mounts.unmount(`${base}/link`, ['UMOUNT_NOFOLLOW']), expected);
  assert.equal(isMounted(path), true);
  await mounts.unmount(`${base}/link`, []);
  assert.equal(isMounted(path), false);
});

test('a folder is emptied except for a file that is a mount, which the error names', async () => {
  const folder = `${base}/pki`;
  mkdirSync(`${folder}/etcd`, { recursive: true });
  for (const name of ['a.key', 'etcd/ca.key', 'etcd/server.key', 'sa.key'])
    writeFileSync(`${folder}/${name}`, '');
  const mount = `${folder}/etcd/ca.key`;
  execFileSync('mount', ['--bind', mount, mount]);
  await assert.rejects(files.removeContents(folder), { errno: 'EBUSY', path: mount });
  assert.deepEqual(await files.list(folder), ['etcd']);
  assert.deepEqual(await files.list(`${folder}/etcd`), ['ca.key']);
  await mounts.unmount(mount, []);
  await files.removeContents(folder);
  assert.deepEqual(await files.list(folder), []);
});
