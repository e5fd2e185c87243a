import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Machine, machines } from './machines.ts';

describe.each(machines)('files $name', ({ open }) => {
  let machine: Machine;
  beforeEach(() => {
    machine = open();
  });
  afterEach(() => machine.close());
  const at = (name: string): string => `${machine.folder}/${name}`;

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
});
