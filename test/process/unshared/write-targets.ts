/**
 * Writes to targets that are not plain files of this user: devices, pipes, descriptors, bind mounts, files of other
 * users, access control lists. Runs as root in a separate mount namespace (see ../unshared.test.ts).
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { createMachineHost } from '../../../src/host/machine/index.ts';

const { files } = createMachineHost();
const base = mkdtempSync(`${tmpdir()}/kubeadm-targets-`);
execFileSync('mount', ['-t', 'tmpfs', 'base', base]);
after(() => execFileSync('umount', ['--lazy', base]));
const at = (name: string): string => `${base}/${name}`;
const source = path.resolve(import.meta.dirname, '../../../src/host/machine/index.ts');
const foreignUser = 65_534;

/** Runs a script with `files` on this runtime, in a shell that redirects it; returns the output of the shell. */
async function inShell(script: string, redirection: string): Promise<string> {
  const text = `import { createMachineHost } from ${JSON.stringify(source)};
    const { files } = createMachineHost();
    ${script}`;
  const flags = process.versions.bun === undefined ? ['--input-type=module'] : [];
  const args = ['-c', `cd "$folder" && ${redirection}`, 'sh', process.execPath, ...flags, '-e', text];
  const child = spawn('bash', args, {
    env: { ...process.env, folder: base },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data) => (output += String(data)));
  await new Promise((resolve) => child.once('close', resolve));
  return output;
}

test('writing to a device, also through a link, keeps the device', async () => {
  execFileSync('mknod', [at('null'), 'c', '1', '3']);
  symlinkSync(at('null'), at('to-null'));
  await files.write(at('null'), 'secret', { mode: 0o600 });
  await files.write(at('to-null'), 'secret', { mode: 0o600 });
  assert.equal(statSync(at('null')).isCharacterDevice(), true);
  assert.equal(lstatSync(at('to-null')).isSymbolicLink(), true);
  assert.deepEqual(
    readdirSync(base).filter((name) => name.includes('kubeadm')),
    [],
  );
});

test('writing to a full device is an error', async () => {
  execFileSync('mknod', [at('full'), 'c', '1', '7']);
  symlinkSync(at('full'), at('to-full'));
  for (const name of ['full', 'to-full'])
    await assert.rejects(files.write(at(name), 'text', { mode: 0o600 }), { code: 'file', errno: 'ENOSPC' });
});

test('writing to a pipe sends all bytes to its reader, and keeps the pipe', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  const reader = spawn('sh', ['-c', `sleep 0.3; wc -c <"$1"`, 'sh', at('pipe')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let counted = '';
  reader.stdout.on('data', (data) => (counted += String(data)));
  const ended = new Promise((resolve) => reader.once('close', resolve));
  await files.write(at('pipe'), 'x'.repeat(300_000), { mode: 0o600 });
  await ended;
  assert.equal(counted.trim(), '300000');
  assert.equal(lstatSync(at('pipe')).isFIFO(), true);
});

test('writing to a pipe without a reader fails after 10 s', async () => {
  execFileSync('mkfifo', [at('unread')]);
  await assert.rejects(files.write(at('unread'), 'x', { mode: 0o600 }), { code: 'timeout' });
});

test('writing to /dev/stdout works for a pipe and a file', async () => {
  const script = "await files.write('/dev/stdout', 'written\\n', { mode: 0o600 });";
  assert.equal(await inShell(script, '"$@" | cat'), 'written\n');
  assert.equal(
    await inShell(script, '{ echo before; "$@"; echo after; } >out; cat out'),
    'before\nwritten\nafter\n',
  );
  assert.equal(
    await inShell(script.replace('/dev/stdout', '/dev/fd/5'), '"$@" 5>five; cat five'),
    'written\n',
  );
  assert.equal(await inShell(script, '"$@"'), 'written\n');
  assert.equal(
    await inShell(script.replace('/dev/stdout', '/proc/self/fd/5'), '"$@" 5> >(cat) | cat'),
    'written\n',
  );
  assert.deepEqual(
    readdirSync(base).filter((name) => name.includes(':')),
    [],
  );
});

test('in a shared folder, writing to files, links and pipes of another user is refused', async () => {
  const folder = at('shared');
  mkdirSync(folder);
  chmodSync(folder, 0o1777);
  writeFileSync(`${folder}/file`, 'old', { mode: 0o600 });
  chownSync(`${folder}/file`, foreignUser, foreignUser);
  writeFileSync(at('target'), 'old');
  symlinkSync(at('target'), `${folder}/link`);
  execFileSync('mkfifo', [`${folder}/fifo`]);
  execFileSync('chown', ['-h', `${foreignUser}`, `${folder}/link`, `${folder}/fifo`]);
  for (const name of ['file', 'link', 'fifo']) {
    await assert.rejects(files.write(`${folder}/${name}`, 'secret', { mode: 0o600 }), {
      code: 'file',
      errno: 'EACCES',
      hint: new RegExp(`${folder}/${name} belongs to the user with the UID ${foreignUser}`),
    });
  }
  assert.equal(readFileSync(`${folder}/file`, 'utf8'), 'old');
  assert.equal(readFileSync(at('target'), 'utf8'), 'old');
  symlinkSync(`${folder}/file`, at('into'));
  await assert.rejects(files.write(at('into'), 'secret', { mode: 0o600 }), { errno: 'EACCES' });
});

test("in a shared folder, writing to files of this user and of the folder's owner succeeds", async () => {
  const folder = at('open');
  mkdirSync(folder);
  chownSync(folder, foreignUser, foreignUser);
  chmodSync(folder, 0o1777);
  writeFileSync(`${folder}/theirs`, 'old');
  chownSync(`${folder}/theirs`, foreignUser, foreignUser);
  for (const name of ['theirs', 'ours', 'ours'])
    await files.write(`${folder}/${name}`, 'new', { mode: 0o600 });
  assert.equal(readFileSync(`${folder}/theirs`, 'utf8'), 'new');
  assert.equal(statSync(`${folder}/ours`).uid, 0);
});

test('a file that is a bind mount is written in place', async () => {
  writeFileSync(at('mounted-from'), 'a long old text', { mode: 0o640 });
  writeFileSync(at('mounted'), '');
  execFileSync('mount', ['--bind', at('mounted-from'), at('mounted')]);
  await files.write(at('mounted'), 'new', { mode: 0o600 });
  assert.equal(readFileSync(at('mounted'), 'utf8'), 'new');
  assert.equal(readFileSync(at('mounted-from'), 'utf8'), 'new');
  assert.equal(statSync(at('mounted')).mode & 0o777, 0o640);
  execFileSync('umount', [at('mounted')]);
});

test('a file that is a bind mount keeps its content when the disk is full', async () => {
  const disk = at('small');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'small', disk]);
  writeFileSync(`${disk}/file`, 'old');
  writeFileSync(at('small-file'), '');
  execFileSync('mount', ['--bind', `${disk}/file`, at('small-file')]);
  await assert.rejects(files.write(at('small-file'), 'x'.repeat(200_000), { mode: 0o600 }), {
    errno: 'ENOSPC',
  });
  assert.equal(readFileSync(`${disk}/file`, 'utf8'), 'old');
  execFileSync('umount', [at('small-file')]);
  execFileSync('umount', [disk]);
});

/** user::rw-, user:<foreign>:r--, group::---, mask::r--, other::---, in the format of acl(5) on Linux. */
const accessControlList =
  '0200000001000600ffffffff02000400feff000004000000ffffffff10000400ffffffff20000000ffffffff';
const python = (script: string, ...args: readonly string[]): string =>
  execFileSync('python3', ['-c', `import os, sys\n${script}`, ...args])
    .toString()
    .trim();

test('a replaced file keeps its access control list and other attributes, and its group gains no access', async () => {
  const file = at('with-acl');
  writeFileSync(file, 'old', { mode: 0o600 });
  python(
    `os.setxattr(sys.argv[1], 'system.posix_acl_access', bytes.fromhex(sys.argv[2]))
os.setxattr(sys.argv[1], 'trusted.contract', b'kept')`,
    file,
    accessControlList,
  );
  assert.equal(statSync(file).mode & 0o777, 0o640);
  await files.write(file, 'new', { mode: 0o600 });
  assert.equal(readFileSync(file, 'utf8'), 'new');
  assert.equal(
    python("print(os.getxattr(sys.argv[1], 'system.posix_acl_access').hex())", file),
    accessControlList,
  );
  assert.equal(python("print(os.getxattr(sys.argv[1], 'trusted.contract').decode())", file), 'kept');
  assert.equal(statSync(file).mode & 0o777, 0o640);
});

test('a tree is moved across file systems with its owners, modes and links', async () => {
  mkdirSync(at('other'));
  execFileSync('mount', ['-t', 'tmpfs', 'other', at('other')]);
  mkdirSync(at('moved'));
  writeFileSync(at('moved/file'), 'text', { mode: 0o640 });
  symlinkSync('file', at('moved/link'));
  chownSync(at('moved/file'), foreignUser, foreignUser);
  await files.move(at('moved'), at('other/moved'));
  assert.deepEqual(readdirSync(at('other')), ['moved']);
  assert.deepEqual(readdirSync(at('other/moved')).sort(), ['file', 'link']);
  const { mode, uid } = statSync(at('other/moved/file'));
  assert.deepEqual([mode & 0o777, uid], [0o640, foreignUser]);
  assert.equal(await files.lstat(at('moved')), undefined);
  execFileSync('umount', [at('other')]);
});

test('a copy that does not fit is refused before its first byte', async () => {
  const disk = at('tiny');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tiny', disk]);
  writeFileSync(at('big'), Buffer.alloc(200_000, 1));
  await assert.rejects(files.copyTree(at('big'), `${disk}/big`), { errno: 'ENOSPC', hint: /MiB free/ });
  assert.deepEqual(readdirSync(disk), []);
  execFileSync('umount', [disk]);
});
