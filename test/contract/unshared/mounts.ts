/** Unmounting, with real mounts: runs in a mount namespace of its own (see ../unshared.test.ts). */
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

const { mounts } = createMachineHost();
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

test('a mount goes, what it covered stays', async () => {
  const path = mounted('plain one');
  await mounts.unmount(path, []);
  assert.equal(isMounted(path), false);
  assert.equal(existsSync(path), true);
  assert.equal(existsSync(`${path}/file`), false);
});

test('the errno says why not', async () => {
  mkdirSync(`${base}/nothing`);
  const nothing = `${base}/nothing`;
  await assert.rejects(mounts.unmount(nothing, []), { code: 'file', errno: 'EINVAL', path: nothing });
  await assert.rejects(mounts.unmount(`${base}/none`, []), { errno: 'ENOENT' });
  const path = mounted('twice');
  await mounts.unmount(path, []);
  await assert.rejects(mounts.unmount(path, []), { errno: 'EINVAL' });
});

test('a mount in use is busy; MNT_DETACH takes it out all the same', async () => {
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

test('MNT_EXPIRE marks at first and unmounts at the second call', async () => {
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

test('UMOUNT_NOFOLLOW leaves what a link names', async () => {
  const path = mounted('named');
  symlinkSync(path, `${base}/link`);
  const expected = inExecutable ? { errno: 'EINVAL' } : { code: 'internal' };
  await assert.rejects(mounts.unmount(`${base}/link`, ['UMOUNT_NOFOLLOW']), expected);
  assert.equal(isMounted(path), true);
  await mounts.unmount(`${base}/link`, []);
  assert.equal(isMounted(path), false);
});
