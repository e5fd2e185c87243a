/**
 * Files of the real machine. Writes are atomic: a temporary file beside the target, fsync, rename.
 *
 * What is small is read and written synchronously: asynchronous calls would wait in the runtime's thread pool
 * behind the keys that are made there, for half a second on two processors.
 */
import * as sync from 'node:fs';
import path from 'node:path';

import { FileError } from '../../errors.ts';
import type { FileReads, FileStat, FileWrites, WriteOptions } from '../host.ts';
import { temporaryName } from '../temporary-name.ts';
import { codeOf } from './error-code.ts';

export function createMachineFiles(): FileReads & FileWrites {
  return {
    read: async (file, options) => await guarded('read', file, () => readAtMost(file, options?.maxBytes)),
    readText: async (file) => await guarded('read', file, () => sync.readFileSync(file, 'utf8')),
    stat: async (file) => await guarded('stat', file, () => describe(() => sync.statSync(file))),
    lstat: async (file) => await guarded('stat', file, () => describe(() => sync.lstatSync(file))),
    list: async (file) => await guarded('list', file, () => list(file)),
    realpath: async (file) => await guarded('resolve', file, () => sync.realpathSync.native(file)),
    write: async (file, data, options) =>
      await guarded('write', file, () => writeAtomically(file, data, options)),
    makeDirectory: async (file, mode) =>
      await guarded('make directory', file, () => makeDirectories(file, mode)),
    makeTemporaryDirectory: async (prefix) =>
      await guarded('make directory', prefix, async () => await temporaryDirectory(prefix)),
    remove: async (file, options) =>
      await guarded('remove', file, () => remove(file, options?.sync ?? false)),
    removeContents: async (file) => await guarded('empty', file, async () => await removeContents(file)),
    removeTree: async (file) =>
      await guarded('remove', file, async () => {
        if (undefinedWhenMissing(() => sync.lstatSync(file)) !== undefined) await removeTree(file);
      }),
    chmod: async (file, mode) => await guarded('change the mode of', file, () => sync.chmodSync(file, mode)),
    chown: async (file, uid, gid) =>
      await guarded('change the owner of', file, () => sync.chownSync(file, uid, gid)),
    withLock: async (file, change) => {
      const { lockFile } = await import('./ffi/lock.ts');
      const release = await lockFile(file);
      try {
        return await change();
      } finally {
        await release();
      }
    },
  };
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

function readAtMost(file: string, maxBytes: number | undefined): Uint8Array {
  if (maxBytes === undefined) return sync.readFileSync(file);
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
  };
}

function list(file: string): readonly string[] | undefined {
  if (undefinedWhenMissing(() => sync.statSync(file)) === undefined) return undefined;
  return sync.readdirSync(file).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function undefinedWhenMissing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

function writeAtomically(file: string, data: Uint8Array | string, options: WriteOptions): void {
  const target = followed(file);
  const folder = path.dirname(target);
  if (options.directoryMode !== undefined) makeDirectories(folder, options.directoryMode);
  const present = undefinedWhenMissing(() => sync.statSync(target));
  if (present?.isDirectory() === true) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
  const temporary = path.join(folder, temporaryName(path.basename(target), randomSuffix()));
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = sync.constants;
  const handle = sync.openSync(
    temporary,
    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
    present === undefined ? options.mode : 0o600,
  );
  try {
    try {
      if (present !== undefined) {
        sync.fchownSync(handle, present.uid, present.gid);
        sync.fchmodSync(handle, present.mode & 0o7777);
      }
      sync.writeFileSync(handle, data);
      sync.fsyncSync(handle);
    } finally {
      sync.closeSync(handle);
    }
    sync.renameSync(temporary, target);
  } catch (error) {
    sync.rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(folder);
}

/** By the global `crypto`: `node:crypto` is slow to load, and most commands need nothing else of it. */
function randomSuffix(): string {
  return crypto.getRandomValues(Buffer.alloc(6)).toString('hex');
}

/** Where links lead, to a file that need not be there yet: writing through a link never replaces it. */
function followed(file: string): string {
  const real = undefinedWhenMissing(() => sync.realpathSync.native(file));
  if (real !== undefined) return real;
  if (undefinedWhenMissing(() => sync.lstatSync(file))?.isSymbolicLink() !== true) return file;
  return followed(path.resolve(sync.realpathSync.native(path.dirname(file)), sync.readlinkSync(file)));
}

/** A file in the way is ENOTDIR, as Go's MkdirAll says it; Node says EEXIST for the last part. */
function makeDirectories(folder: string, mode: number): void {
  try {
    sync.mkdirSync(folder, { recursive: true, mode });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw Object.assign(new Error('a file is in the way', { cause: error }), { code: 'ENOTDIR' });
  }
}

function remove(file: string, lasting: boolean): void {
  const folder = path.dirname(file);
  undefinedWhenMissing(() => {
    sync.unlinkSync(file);
    if (lasting) syncFolder(folder);
  });
}

/** A rename or removal lasts once its folder is on the disk. */
function syncFolder(folder: string): void {
  const handle = sync.openSync(folder, 'r');
  try {
    sync.fsyncSync(handle);
  } catch (error) {
    // Some file systems cannot sync folders.
    if (codeOf(error) !== 'EINVAL') throw error;
  } finally {
    sync.closeSync(handle);
  }
}

/** Digits, as upstream's random suffixes. */
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

async function removeContents(file: string): Promise<void> {
  for (const name of list(file) ?? []) await removeTree(path.join(file, name));
}

async function removeTree(file: string): Promise<void> {
  await sync.promises.rm(file, { recursive: true, force: true });
}
