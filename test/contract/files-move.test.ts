import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Machine, machines } from './machines.ts';

describe.each(machines)('files $name', ({ open }) => {
  let machine: Machine;
  beforeEach(() => {
    machine = open();
  });
  afterEach(() => machine.close());
  const at = (name: string): string => `${machine.folder}/${name}`;

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
