/**
 * Files of the real machine.
 *
 * Small files are read and written synchronously. Asynchronous calls would queue in the runtime's thread pool behind
 * key generation, for half a second on two processors.
 */
import * as sync from 'node:fs';
import path from 'node:path';

import { FileError } from '../../../errors.ts';
import type { ExecWrites, FileContent, FileReads, FileStat, FileWrites } from '../../../host.ts';
import { codeOf } from '../error-code.ts';
import { makeDirectories, syncFolder } from './folders.ts';
import { undefinedWhenMissing } from './missing.ts';
import { chownTree, removeContents, removeTree } from './tree.ts';
import { type PreparedWrite, prepareWrite, writeFile } from './write.ts';

/** Reads above this size are asynchronous, so that they do not block the process. */
const smallBytes = 4 * 1024 * 1024;

export function createMachineFiles(exec: ExecWrites): FileReads & FileWrites {
  return {
    read: async (file, options) =>
      await guarded('read', file, async () => await readAtMost(file, options?.maxBytes)),
    readUntrusted: async (file, maxBytes) =>
      await guarded('read', file, async () => (await import('./untrusted.ts')).readUntrusted(file, maxBytes)),
    readText: async (file) =>
      await guarded('read', file, async () =>
        Buffer.from(await readAtMost(file, undefined)).toString('utf8'),
      ),
    stat: async (file) => await guarded('stat', file, () => describe(() => sync.statSync(file))),
    lstat: async (file) => await guarded('stat', file, () => describe(() => sync.lstatSync(file))),
    list: async (file) => await guarded('list', file, () => list(file)),
    realpath: async (file) => await guarded('resolve', file, () => sync.realpathSync.native(file)),
    freeSpace: async (file) =>
      await guarded('ask for the free space at', file, async () =>
        (await import('./copy.ts')).freeSpace(file),
      ),
    write: async (file, data, options) =>
      await guarded('write', file, async () => await writeFile(file, data, options)),
    writeAll,
    move: async (from, to) =>
      await guarded('move', from, async () => await (await import('./copy.ts')).move(exec, from, to)),
    copyTree: async (from, to, options = {}) =>
      await guarded(
        'copy',
        from,
        async () => await (await import('./copy.ts')).copyTree(exec, from, { to, options }),
      ),
    makeDirectory: async (file, mode) =>
      await guarded('make directory', file, () => makeDirectories(file, mode)),
    makeTemporaryDirectory: async (prefix) =>
      await guarded('make directory', prefix, async () => await temporaryDirectory(prefix)),
    remove: async (file, options) =>
      await guarded('remove', file, () => remove(file, options?.sync ?? false)),
    removeUntrusted: async (file) =>
      await guarded('remove', file, async () => (await import('./untrusted.ts')).removeUntrusted(file)),
    removeContents: async (file) => await guarded('empty', file, async () => await removeContents(file)),
    removeTree: async (file) => await guarded('remove', file, async () => await removeTree(file)),
    chmod: async (file, mode) => await guarded('change the mode of', file, () => sync.chmodSync(file, mode)),
    chown: async (file, uid, gid) =>
      await guarded('change the owner of', file, () => sync.lchownSync(file, uid, gid)),
    chownTree: async (file, uid, gid) =>
      await guarded('change the owner of', file, async () => await chownTree(file, uid, gid)),
    withLock: async (file, change, options) => {
      const { lockFile } = await import('../ffi/lock.ts');
      const release = await lockFile(file, options);
      try {
        return await change();
      } finally {
        await release();
      }
    },
  };
}

async function writeAll(contents: readonly FileContent[]): Promise<void> {
  const prepared: (PreparedWrite & { readonly path: string })[] = [];
  try {
    for (const { path: file, data, options } of contents) {
      const one = await guarded('write', file, async () => await prepareWrite(file, data, options));
      prepared.push({ ...one, path: file });
    }
    for (const one of prepared) await guarded('write', one.path, one.finish);
  } catch (error) {
    for (const { discard } of prepared) discard();
    throw error;
  }
}

/** System errors as `FileError`. */
async function guarded<T>(operation: string, file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new FileError(operation, file, code, { cause: error });
  }
}

async function readAtMost(file: string, maxBytes: number | undefined): Promise<Uint8Array> {
  if (maxBytes === undefined) {
    const size = sync.statSync(file).size;
    return size > smallBytes ? await sync.promises.readFile(file) : sync.readFileSync(file);
  }
  const handle = sync.openSync(file, 'r');
  try {
    const parts: Buffer[] = [];
    let size = 0;
    while (size < maxBytes) {
      const buffer = Buffer.alloc(Math.min(65_536, maxBytes - size));
      const bytesRead = sync.readSync(handle, buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      parts.push(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
    return Buffer.concat(parts);
  } finally {
    sync.closeSync(handle);
  }
}

function describe(stat: () => sync.Stats): FileStat | undefined {
  const found = undefinedWhenMissing(stat);
  if (found === undefined) return undefined;
  const kind = found.isFile()
    ? 'file'
    : found.isDirectory()
      ? 'directory'
      : found.isSymbolicLink()
        ? 'symlink'
        : 'other';
  return {
    kind,
    mode: Number(found.mode) & 0o7777,
    uid: Number(found.uid),
    gid: Number(found.gid),
    size: Number(found.size),
    modifiedAt: Number(found.mtimeMs),
  };
}

function list(file: string): readonly string[] | undefined {
  if (undefinedWhenMissing(() => sync.statSync(file)) === undefined) return undefined;
  return sync.readdirSync(file).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function remove(file: string, lasting: boolean): void {
  const folder = path.dirname(file);
  undefinedWhenMissing(() => {
    sync.unlinkSync(file);
    if (lasting) syncFolder(folder);
  });
}

/** The suffix consists of digits, as upstream's. */
async function temporaryDirectory(prefix: string): Promise<string> {
  for (;;) {
    const folder = prefix + String(crypto.getRandomValues(Buffer.alloc(4)).readUInt32BE());
    try {
      await sync.promises.mkdir(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}
