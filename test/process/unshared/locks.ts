/** The locks of the account files, against another process that locks like passwd's tools (fcntl F_SETLK). */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { createMachineHost } from '../../../src/host/machine/index.ts';
import type { LockOptions } from '../../../src/host.ts';
import { deleteAccounts, ensureAccounts } from '../../../src/rootless/system-accounts.ts';

const { files } = createMachineHost();
const folder = mkdtempSync(`${tmpdir()}/kubeadm-locks-`);
after(() => rmSync(folder, { recursive: true }));

/** Tries the lock once, prints `taken` or `refused`, and keeps the lock until its input ends. */
const perl = `use Fcntl; open(F, '+<', $ARGV[0]) or die; $| = 1;
my $lock = pack('s s x4 l! l! i x4', F_WRLCK, SEEK_SET, 0, 0, 0);
print fcntl(F, F_SETLK, $lock) ? "taken\\n" : "refused\\n"; <STDIN>;`;

async function other(file: string): Promise<{ readonly answer: string; readonly process: ChildProcess }> {
  const child = spawn('perl', ['-MFcntl=:seek', '-e', perl, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [data] = (await once(child.stdout, 'data')) as [Buffer];
  return { answer: data.toString().trim(), process: child };
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.stdin?.end();
  await exited;
}

async function askOther(file: string): Promise<string> {
  const { answer, process } = await other(file);
  await end(process);
  return answer;
}

const openFiles = (file: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file;
    } catch {
      return false;
    }
  }).length;

test('other processes get the lock only after the change, even if the file is read meanwhile', async () => {
  const file = `${folder}/passwd`;
  writeFileSync(file, 'a');
  assert.equal(await askOther(file), 'taken');
  const result = await files.withLock(file, async () => {
    assert.equal(await askOther(file), 'refused');
    assert.equal(await files.readText(file), 'a');
    assert.equal(await askOther(file), 'refused');
    return 'done';
  });
  assert.equal(result, 'done');
  assert.equal(await askOther(file), 'taken');
});

test('a change that fails releases the lock', async () => {
  const file = `${folder}/failing`;
  writeFileSync(file, '');
  const failing = files.withLock(file, async () => {
    throw new Error('no');
  });
  await assert.rejects(failing, /no/);
  assert.equal(await askOther(file), 'taken');
});

test('withLock waits for a lock that is released in time', async () => {
  const file = `${folder}/waiting`;
  writeFileSync(file, '');
  const { answer, process } = await other(file);
  assert.equal(answer, 'taken');
  const started = performance.now();
  setTimeout(() => process.stdin?.end(), 300);
  await files.withLock(file, async () => undefined);
  assert.ok(performance.now() - started >= 290);
});

test('withLock fails after 5 s if another process keeps the lock, and leaves no file open', async () => {
  const file = `${folder}/kept`;
  writeFileSync(file, '');
  const { process } = await other(file);
  const started = performance.now();
  await assert.rejects(
    files.withLock(file, async () => undefined),
    { code: 'timeout', message: /another process has held the lock of .*kept for 5 s/ },
  );
  const waited = performance.now() - started;
  assert.ok(waited >= 5000 && waited < 8000, `${waited} ms`);
  assert.equal(openFiles(file), 0);
  await end(process);
});

test('withLock of a missing file is a FileError', async () => {
  await assert.rejects(
    files.withLock(`${folder}/none`, async () => undefined),
    { code: 'file', errno: 'ENOENT' },
  );
});

test('accounts are added to the passwd and group files, and removed again', async () => {
  const redirected = {
    '/etc/passwd': 'p',
    '/etc/group': 'g',
    '/etc/login.defs': 'l',
    '/etc/.pwd.lock': 'w',
  } as const;
  const at = (path: string): string =>
    `${folder}/${redirected[path as keyof typeof redirected] ?? 'outside'}`;
  const passwd = 'root:x:0:0:root:/root:/bin/bash\n';
  const group = 'root:x:0:\n';
  writeFileSync(at('/etc/passwd'), passwd);
  writeFileSync(at('/etc/group'), group);
  writeFileSync(
    at('/etc/login.defs'),
    'SYS_UID_MIN 200\nSYS_UID_MAX 300\nSYS_GID_MIN 200\nSYS_GID_MAX 300\n',
  );
  const own = {
    ...files,
    readText: (path: string) => files.readText(at(path)),
    stat: (path: string) => files.stat(at(path)),
    write: (path: string, ...rest: [string | Uint8Array, { readonly mode: number }]) =>
      files.write(at(path), ...rest),
    withLock: <T>(path: string, change: () => Promise<T>, options?: LockOptions) =>
      files.withLock(at(path), change, options),
  };
  writeFileSync(at('/etc/.pwd.lock'), '');
  const { answer, process: useradd } = await other(at('/etc/.pwd.lock'));
  assert.equal(answer, 'taken');
  let waited = false;
  setTimeout(() => {
    waited = true;
    useradd.stdin?.end();
  }, 300);
  await ensureAccounts(own);
  assert.equal(waited, true);
  const added = readFileSync(at('/etc/passwd'), 'utf8');
  assert.match(added, /^kubeadm-etcd:x:2\d\d:2\d\d:/m);
  await ensureAccounts(own);
  assert.equal(readFileSync(at('/etc/passwd'), 'utf8'), added);
  await deleteAccounts(own);
  assert.equal(readFileSync(at('/etc/passwd'), 'utf8'), passwd);
  assert.equal(readFileSync(at('/etc/group'), 'utf8'), group);
});
