import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { FileError } from '../../src/errors.ts';
import { type Machine, machines } from './machines.ts';

describe.each(machines)('files $name', ({ open }) => {
  let machine: Machine;
  beforeEach(() => {
    machine = open();
  });
  afterEach(() => machine.close());
  const at = (name: string): string => `${machine.folder}/${name}`;

  describe('reading', () => {
    test('text and bytes are read as they were written, including a byte order mark', async () => {
      const { files } = machine.host;
      await files.write(at('a'), '\ufeffä\n', { mode: 0o600 });
      expect(await files.readText(at('a'))).toBe('\ufeffä\n');
      await files.write(at('b'), Uint8Array.of(0, 255, 10), { mode: 0o600 });
      expect([...(await files.read(at('b')))]).toEqual([0, 255, 10]);
    });

    test('maxBytes returns the beginning of a longer file and all of a shorter one', async () => {
      const { files } = machine.host;
      await files.write(at('a'), 'x'.repeat(100_000), { mode: 0o600 });
      expect(await files.read(at('a'), { maxBytes: 70_000 })).toHaveLength(70_000);
      expect(await files.read(at('a'), { maxBytes: 0 })).toHaveLength(0);
      expect(await files.read(at('a'), { maxBytes: 200_000 })).toHaveLength(100_000);
    });

    test('a path that cannot be read is an error with its reason', async () => {
      const { files } = machine.host;
      await files.write(at('file'), '', { mode: 0o600 });
      machine.link(at('loop'), at('loop'));
      const cases = [
        [at('none'), 'ENOENT'],
        [machine.folder, 'EISDIR'],
        [at('file/below'), 'ENOTDIR'],
        [at('loop'), 'ELOOP'],
      ] as const;
      for (const [path, errno] of cases) {
        for (const read of [files.read, files.readText]) {
          const error = await read(path).catch((thrown: unknown) => thrown);
          expect(error).toBeInstanceOf(FileError);
          expect(error).toMatchObject({ code: 'file', errno, path });
        }
      }
      await expect(files.read(machine.folder, { maxBytes: 10 })).rejects.toMatchObject({ errno: 'EISDIR' });
    });

    test('a path with a NUL byte is not valid, and the message shows it in quotes', async () => {
      const { files } = machine.host;
      const path = at('a\0b');
      for (const work of [files.read(path), files.list(path), files.write(path, '', { mode: 0o600 })]) {
        const error = await work.catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: 'file', errno: 'EINVAL', path });
        expect(error).toMatchObject({ message: expect.stringContaining('a\\x00b": invalid argument') });
      }
    });

    test('in a folder of another user follows no link and opens nothing but a regular file', async () => {
      const { files } = machine.host;
      await files.write(at('folder/file'), '12345', { mode: 0o600, directoryMode: 0o755 });
      machine.link(at('folder/link'), 'file');
      machine.link(at('linked'), 'folder');
      await files.makeDirectory(at('folder/below'), 0o755);
      expect(Buffer.from(await files.readUntrusted(at('folder/file'), 3)).toString()).toBe('123');
      expect(Buffer.from(await files.readUntrusted(at('folder/file'), 100)).toString()).toBe('12345');
      const cases = [
        [at('folder/link'), 'ELOOP'],
        [at('linked/file'), 'ELOOP'],
        [at('folder/below'), 'EINVAL'],
        [at('folder/none'), 'ENOENT'],
      ] as const;
      for (const [path, errno] of cases) {
        await expect(files.readUntrusted(path, 100)).rejects.toMatchObject({ code: 'file', errno, path });
      }
      await expect(files.removeUntrusted(at('linked/file'))).rejects.toMatchObject({ errno: 'ELOOP' });
      expect(await files.stat(at('folder/file'))).toBeDefined();
      for (const name of ['link', 'file', 'file']) await files.removeUntrusted(at(`folder/${name}`));
      expect(await files.list(at('folder'))).toEqual(['below']);
      await files.removeUntrusted(at('nowhere/file'));
    });

    test('stat follows links, lstat does not, and both return undefined for a missing path', async () => {
      const { files } = machine.host;
      await files.write(at('file'), '12345', { mode: 0o640 });
      machine.link(at('link'), 'file');
      machine.link(at('dangling'), 'none');
      expect(await files.stat(at('file'))).toMatchObject({ kind: 'file', mode: 0o640, size: 5 });
      expect(await files.stat(at('link'))).toMatchObject({ kind: 'file', size: 5 });
      expect(await files.lstat(at('link'))).toMatchObject({ kind: 'symlink' });
      expect(await files.stat(machine.folder)).toMatchObject({ kind: 'directory' });
      expect(await files.stat(at('dangling'))).toBeUndefined();
      expect(await files.lstat(at('dangling'))).toMatchObject({ kind: 'symlink' });
      for (const path of [at('none'), at('none/below'), at('file/below')]) {
        expect(await files.stat(path)).toBeUndefined();
        expect(await files.lstat(path)).toBeUndefined();
      }
    });

    test('list returns the sorted names of the directory itself', async () => {
      const { files } = machine.host;
      for (const name of ['b', 'B', '\u{1f600}', '\uffee', 'a/deep', '.hidden']) {
        await files.write(at(name), '', { mode: 0o600, directoryMode: 0o700 });
      }
      expect(await files.list(machine.folder)).toEqual(['.hidden', 'B', 'a', 'b', '\uffee', '\u{1f600}']);
      expect(await files.list(at('none'))).toBeUndefined();
      await expect(files.list(at('b'))).rejects.toMatchObject({ errno: 'ENOTDIR', path: at('b') });
    });

    test('realpath resolves links in every part', async () => {
      const { files } = machine.host;
      await files.write(at('a/file'), '', { mode: 0o600, directoryMode: 0o700 });
      machine.link(at('b'), 'a');
      machine.link(at('c'), at('b/file'));
      const real = await files.realpath(at('a/file'));
      expect(await files.realpath(at('c'))).toBe(real);
      expect(await files.realpath(at('b/../b/file'))).toBe(real);
      await expect(files.realpath(at('none'))).rejects.toMatchObject({ errno: 'ENOENT' });
    });
  });

  describe('writing', () => {
    test('a new file gets the mode, an existing one keeps its own, and no other file is left', async () => {
      const { files } = machine.host;
      await files.write(at('a'), 'one', { mode: 0o640 });
      expect(await files.stat(at('a'))).toMatchObject({ mode: 0o640 });
      await files.chmod(at('a'), 0o604);
      await files.write(at('a'), 'two', { mode: 0o600 });
      expect(await files.stat(at('a'))).toMatchObject({ mode: 0o604 });
      expect(await files.readText(at('a'))).toBe('two');
      expect(await files.list(machine.folder)).toEqual(['a']);
    });

    test('files that belong together are all written, or none when one of them cannot be', async () => {
      const { files } = machine.host;
      const content = (name: string, data: string) => ({
        path: at(name),
        data,
        options: { mode: 0o640, directoryMode: 0o700 },
      });
      await files.write(at('a'), 'old', { mode: 0o600 });
      await files.makeDirectory(at('dir'), 0o700);
      const refused = files.writeAll([content('a', 'new'), content('b', ''), content('dir', '')]);
      await expect(refused).rejects.toMatchObject({ errno: 'EISDIR', path: at('dir') });
      expect(await files.readText(at('a'))).toBe('old');
      expect(await files.list(machine.folder)).toEqual(['a', 'dir']);
      await files.writeAll([content('a', 'new'), content('c/b', 'other')]);
      expect(await files.readText(at('a'))).toBe('new');
      expect(await files.readText(at('c/b'))).toBe('other');
      expect(await files.stat(at('c/b'))).toMatchObject({ mode: 0o640 });
      expect(await files.list(machine.folder)).toEqual(['a', 'c', 'dir']);
    });

    test('parents are made with directoryMode, or must exist', async () => {
      const { files } = machine.host;
      await expect(files.write(at('a/b/c'), '', { mode: 0o600 })).rejects.toMatchObject({
        errno: 'ENOENT',
        path: at('a/b/c'),
      });
      await files.write(at('a/b/c'), '', { mode: 0o600, directoryMode: 0o750 });
      expect(await files.stat(at('a'))).toMatchObject({ kind: 'directory', mode: 0o750 });
      expect(await files.stat(at('a/b'))).toMatchObject({ kind: 'directory', mode: 0o750 });
    });

    test('writing to a directory or below a file is refused', async () => {
      const { files } = machine.host;
      await files.write(at('file'), 'old', { mode: 0o600 });
      await files.makeDirectory(at('dir'), 0o700);
      const refused = (path: string, directoryMode?: number): Promise<unknown> =>
        files
          .write(path, '', { mode: 0o600, ...(directoryMode === undefined ? {} : { directoryMode }) })
          .catch((thrown: unknown) => thrown);
      expect(await refused(at('dir'))).toMatchObject({ errno: 'EISDIR' });
      expect(await refused(at('file/below'))).toMatchObject({ errno: 'ENOTDIR' });
      expect(await refused(at('file/below/it'), 0o700)).toMatchObject({ errno: 'ENOTDIR' });
      expect(await files.readText(at('file'))).toBe('old');
    });

    test('writing to a link replaces or creates its target', async () => {
      const { files } = machine.host;
      await files.write(at('a/target'), 'old', { mode: 0o640, directoryMode: 0o700 });
      machine.link(at('link'), 'a/target');
      await files.write(at('link'), 'new', { mode: 0o600 });
      expect(await files.readText(at('a/target'))).toBe('new');
      expect(await files.stat(at('a/target'))).toMatchObject({ mode: 0o640 });
      machine.link(at('dangling'), 'a/born');
      await files.write(at('dangling'), 'new', { mode: 0o600 });
      expect(await files.readText(at('a/born'))).toBe('new');
      expect(await files.lstat(at('dangling'))).toMatchObject({ kind: 'symlink' });
    });

    test('makeDirectory creates parents, keeps an existing directory, and refuses to replace a file', async () => {
      const { files } = machine.host;
      await files.makeDirectory(at('a/b'), 0o750);
      expect(await files.stat(at('a'))).toMatchObject({ mode: 0o750 });
      await files.makeDirectory(at('a/b'), 0o700);
      expect(await files.stat(at('a/b'))).toMatchObject({ mode: 0o750 });
      await files.write(at('file'), '', { mode: 0o600 });
      await expect(files.makeDirectory(at('file/b'), 0o700)).rejects.toMatchObject({ errno: 'ENOTDIR' });
      await expect(files.makeDirectory(at('file'), 0o700)).rejects.toMatchObject({ errno: 'ENOTDIR' });
      await expect(
        files.write(at('file/b'), '', { mode: 0o600, directoryMode: 0o700 }),
      ).rejects.toMatchObject({ errno: 'ENOTDIR', path: at('file/b') });
    });

    test('temporary directories are new and private, with digits as suffix', async () => {
      const { files } = machine.host;
      const [one, two] = [
        await files.makeTemporaryDirectory(at('run-')),
        await files.makeTemporaryDirectory(at('run-')),
      ];
      expect(one).not.toBe(two);
      expect(one.slice(at('run-').length)).toMatch(/^\d+$/);
      expect(await files.stat(one)).toMatchObject({ kind: 'directory', mode: 0o700 });
      await expect(files.makeTemporaryDirectory(at('none/run-'))).rejects.toMatchObject({ errno: 'ENOENT' });
    });

    test('chmod changes the target of a link, and chown changes the link itself', async () => {
      const { files, system } = machine.host;
      await files.write(at('a'), '', { mode: 0o600 });
      machine.link(at('link'), 'a');
      await files.chmod(at('link'), 0o644);
      const before = await files.stat(at('a'));
      expect(before).toMatchObject({ mode: 0o644 });
      // Only root can give a file to another user.
      const owner = system.uid() === 0 ? 12_345 : system.uid();
      const group = system.uid() === 0 ? 54_321 : (before?.gid ?? 0);
      await files.chown(at('link'), owner, group);
      expect(await files.lstat(at('link'))).toMatchObject({ uid: owner, gid: group });
      expect(await files.stat(at('a'))).toMatchObject({ uid: before?.uid, gid: before?.gid });
      await files.chown(at('a'), owner, group);
      expect(await files.stat(at('a'))).toMatchObject({ uid: owner, gid: group });
      await files.write(at('a'), 'again', { mode: 0o600 });
      expect(await files.stat(at('a'))).toMatchObject({ uid: owner, gid: group, mode: 0o644 });
      await expect(files.chmod(at('none'), 0o600)).rejects.toMatchObject({ errno: 'ENOENT' });
      await expect(files.chown(at('none'), 0, 0)).rejects.toMatchObject({ errno: 'ENOENT' });
    });

    test('chownTree changes everything in the tree, and does not follow links', async () => {
      const { files, system } = machine.host;
      await files.write(at('kept'), '', { mode: 0o600 });
      const before = await files.stat(at('kept'));
      await files.write(at('tree/a/b'), '', { mode: 0o600, directoryMode: 0o700 });
      machine.link(at('tree/a/link'), at('kept'));
      const owner = system.uid() === 0 ? 12_345 : system.uid();
      const group = system.uid() === 0 ? 54_321 : (before?.gid ?? 0);
      await files.chownTree(at('tree'), owner, group);
      for (const name of ['tree', 'tree/a', 'tree/a/b', 'tree/a/link'])
        expect(await files.lstat(at(name))).toMatchObject({ uid: owner, gid: group });
      expect(await files.stat(at('kept'))).toMatchObject({ uid: before?.uid, gid: before?.gid });
      await expect(files.chownTree(at('none'), 0, 0)).rejects.toMatchObject({ errno: 'ENOENT' });
    });

    test('stat returns the time of the last change, and freeSpace the free bytes', async () => {
      const { files, clock } = machine.host;
      const start = clock.now().getTime();
      await files.write(at('a'), '', { mode: 0o600 });
      const modifiedAt = (await files.stat(at('a')))?.modifiedAt ?? 0;
      // The kernel's clock for files advances every few milliseconds.
      expect(modifiedAt).toBeGreaterThan(start - 1000);
      expect(modifiedAt).toBeLessThanOrEqual(clock.now().getTime() + 1);
      expect(await files.freeSpace(at('a'))).toBeGreaterThan(1024);
      await expect(files.freeSpace(at('none'))).rejects.toMatchObject({ errno: 'ENOENT' });
    });
  });

  describe('moving and copying', () => {
    test('move replaces a file, and moves a directory with its content', async () => {
      const { files } = machine.host;
      await files.write(at('new'), 'new', { mode: 0o640 });
      await files.write(at('old'), 'old', { mode: 0o600 });
      await files.move(at('new'), at('old'));
      expect(await files.readText(at('old'))).toBe('new');
      expect(await files.stat(at('old'))).toMatchObject({ mode: 0o640 });
      await files.write(at('dir/a/b'), 'b', { mode: 0o600, directoryMode: 0o750 });
      await files.move(at('dir'), at('moved'));
      expect(await files.readText(at('moved/a/b'))).toBe('b');
      expect(await files.list(machine.folder)).toEqual(['moved', 'old']);
    });

    test('move moves a link and not its target', async () => {
      const { files } = machine.host;
      await files.write(at('a'), 'a', { mode: 0o600 });
      machine.link(at('link'), at('a'));
      await files.move(at('link'), at('moved'));
      expect(await files.lstat(at('moved'))).toMatchObject({ kind: 'symlink' });
      expect(await files.list(machine.folder)).toEqual(['a', 'moved']);
    });

    test('a file that cannot be moved is an error and stays unchanged', async () => {
      const { files } = machine.host;
      await files.write(at('file'), 'file', { mode: 0o600 });
      await files.write(at('full/a'), '', { mode: 0o600, directoryMode: 0o700 });
      await files.makeDirectory(at('dir'), 0o700);
      const refused = (from: string, to: string): Promise<unknown> =>
        files.move(at(from), at(to)).catch((thrown: unknown) => thrown);
      expect(await refused('none', 'to')).toMatchObject({ errno: 'ENOENT' });
      expect(await refused('file', 'none/to')).toMatchObject({ errno: 'ENOENT' });
      expect(await refused('file', 'dir')).toMatchObject({ errno: 'EISDIR' });
      expect(await refused('dir', 'file')).toMatchObject({ errno: 'ENOTDIR' });
      expect(await refused('dir', 'full')).toMatchObject({ errno: 'ENOTEMPTY' });
      expect(await files.list(machine.folder)).toEqual(['dir', 'file', 'full']);
    });

    test('a copy has the modes, times and links of the original', async () => {
      const { files } = machine.host;
      await files.write(at('db/member/wal'), 'wal', { mode: 0o640, directoryMode: 0o700 });
      machine.link(at('db/link'), 'member');
      const original = await files.stat(at('db/member/wal'));
      await files.copyTree(at('db'), at('copy'));
      expect(await files.readText(at('copy/member/wal'))).toBe('wal');
      expect(await files.stat(at('copy/member'))).toMatchObject({ kind: 'directory', mode: 0o700 });
      expect(await files.lstat(at('copy/link'))).toMatchObject({ kind: 'symlink' });
      const copy = await files.stat(at('copy/member/wal'));
      expect(copy?.mode).toBe(0o640);
      expect(Math.abs((copy?.modifiedAt ?? 0) - (original?.modifiedAt ?? 0))).toBeLessThan(2);
      await files.write(at('copy/member/wal'), 'changed', { mode: 0o600 });
      expect(await files.readText(at('db/member/wal'))).toBe('wal');
      expect(await files.list(machine.folder)).toEqual(['copy', 'db']);
    });

    test('a copy that fails leaves nothing behind', async () => {
      const { files } = machine.host;
      await files.write(at('a'), 'a', { mode: 0o600 });
      await files.write(at('b'), 'b', { mode: 0o600 });
      await expect(files.copyTree(at('none'), at('to'))).rejects.toMatchObject({ errno: 'ENOENT' });
      await expect(files.copyTree(at('a'), at('none/to'))).rejects.toMatchObject({ errno: 'ENOENT' });
      await expect(files.copyTree(at('a'), at('b'))).rejects.toMatchObject({ errno: 'EEXIST' });
      expect(await files.readText(at('b'))).toBe('b');
      const stopped = { signal: AbortSignal.abort(new Error('stop')) };
      await expect(files.copyTree(at('a'), at('to'), stopped)).rejects.toMatchObject({ code: 'interrupted' });
      expect(await files.list(machine.folder)).toEqual(['a', 'b']);
    });
  });

  describe('removing', () => {
    test('remove deletes a file or a link but not its target, and accepts a missing path', async () => {
      const { files } = machine.host;
      await files.write(at('a'), '', { mode: 0o600 });
      machine.link(at('link'), 'a');
      await files.remove(at('link'));
      expect(await files.list(machine.folder)).toEqual(['a']);
      await files.remove(at('a'), { sync: true });
      expect(await files.list(machine.folder)).toEqual([]);
      await files.remove(at('a'));
      await files.remove(at('none/below'));
      await files.remove(at('none/below'), { sync: true });
      await files.makeDirectory(at('dir'), 0o700);
      await expect(files.remove(at('dir'))).rejects.toMatchObject({ errno: 'EISDIR' });
    });

    test('removeTree does not follow links', async () => {
      const { files } = machine.host;
      await files.write(at('kept/file'), 'k', { mode: 0o600, directoryMode: 0o700 });
      await files.write(at('tree/a/b'), '', { mode: 0o600, directoryMode: 0o700 });
      machine.link(at('tree/out'), at('kept'));
      machine.link(at('outer'), 'kept');
      await files.removeTree(at('tree'));
      await files.removeTree(at('outer'));
      expect(await files.list(machine.folder)).toEqual(['kept']);
      expect(await files.readText(at('kept/file'))).toBe('k');
      await files.removeTree(at('none'));
      await files.removeTree(at('kept/file'));
      expect(await files.list(at('kept'))).toEqual([]);
    });

    test('removing a path below a file changes nothing', async () => {
      const { files } = machine.host;
      await files.write(at('file'), 'k', { mode: 0o600 });
      await files.remove(at('file/below'));
      await files.removeTree(at('file/below'));
      expect(await files.readText(at('file'))).toBe('k');
    });

    test('removeContents empties the target of a link and keeps the link', async () => {
      const { files } = machine.host;
      await files.write(at('disk/a/b'), '', { mode: 0o600, directoryMode: 0o700 });
      machine.link(at('link'), 'disk');
      await files.removeContents(at('link'));
      expect(await files.list(machine.folder)).toEqual(['disk', 'link']);
      expect(await files.list(at('disk'))).toEqual([]);
    });

    test('removeContents keeps the directory with its mode', async () => {
      const { files } = machine.host;
      await files.makeDirectory(at('dir'), 0o750);
      await files.write(at('dir/a/b'), '', { mode: 0o600, directoryMode: 0o700 });
      await files.write(at('dir/.hidden'), '', { mode: 0o600 });
      await files.write(at('kept'), 'k', { mode: 0o600 });
      machine.link(at('dir/out'), at('kept'));
      await files.removeContents(at('dir'));
      expect(await files.list(at('dir'))).toEqual([]);
      expect(await files.stat(at('dir'))).toMatchObject({ mode: 0o750 });
      expect(await files.readText(at('kept'))).toBe('k');
      await files.removeContents(at('none'));
      await expect(files.removeContents(at('kept'))).rejects.toMatchObject({ errno: 'ENOTDIR' });
      expect(await files.readText(at('kept'))).toBe('k');
    });
  });
});
