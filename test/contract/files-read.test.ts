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
});
