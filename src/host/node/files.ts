/** Files of the real machine. Writes are atomic: a temporary file beside the target, fsync, rename. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';

import { FileError } from '../../errors.ts';
import type { FileReads, FileStat, FileWrites, WriteOptions } from '../ports.ts';
import { codeOf } from './error-code.ts';
import { lockFile } from './lock.ts';

export function createNodeFiles(): FileReads & FileWrites {
  return {
    read: async (file, options) =>
      await guarded('read', file, async () => await readAtMost(file, options?.maxBytes)),
    readText: async (file) => await guarded('read', file, async () => await fs.readFile(file, 'utf8')),
    stat: async (file) =>
      await guarded('stat', file, async () => await describe(async () => await fs.stat(file))),
    lstat: async (file) =>
      await guarded('stat', file, async () => await describe(async () => await fs.lstat(file))),
    list: async (file) => await guarded('list', file, async () => await list(file)),
    realpath: async (file) => await guarded('resolve', file, async () => await fs.realpath(file)),
    write: async (file, data, options) =>
      await guarded('write', file, async () => await writeAtomically(file, data, options)),
    makeDirectory: async (file, mode) =>
      await guarded(
        'make directory',
        file,
        async () => void (await fs.mkdir(file, { recursive: true, mode })),
      ),
    makeTemporaryDirectory: async (prefix) =>
      await guarded('make directory', prefix, async () => await temporaryDirectory(prefix)),
    remove: async (file) =>
      await guarded('remove', file, async () => await ignoreMissing(async () => await fs.unlink(file))),
    removeContents: async (file) => await guarded('empty', file, async () => await removeContents(file)),
    removeTree: async (file) =>
      await guarded('remove', file, async () => await fs.rm(file, { recursive: true, force: true })),
    chmod: async (file, mode) =>
      await guarded('change the mode of', file, async () => await fs.chmod(file, mode)),
    chown: async (file, uid, gid) =>
      await guarded('change the owner of', file, async () => await fs.chown(file, uid, gid)),
    withLock: async (file, change) => {
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
async function guarded<T>(operation: string, file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new FileError(operation, file, code, { cause: error });
  }
}

async function readAtMost(file: string, maxBytes: number | undefined): Promise<Uint8Array> {
  if (maxBytes === undefined) return await fs.readFile(file);
  const handle = await fs.open(file, 'r');
  try {
    const parts: Buffer[] = [];
    let size = 0;
    while (size < maxBytes) {
      const buffer = Buffer.alloc(Math.min(65_536, maxBytes - size));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      parts.push(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
    return Buffer.concat(parts);
  } finally {
    await handle.close();
  }
}

async function describe(
  stat: () => Promise<Awaited<ReturnType<typeof fs.stat>>>,
): Promise<FileStat | undefined> {
  const found = await undefinedWhenMissing(stat);
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

async function list(file: string): Promise<readonly string[] | undefined> {
  const names = await undefinedWhenMissing(async () => await fs.readdir(file));
  return names?.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

async function undefinedWhenMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function ignoreMissing(work: () => Promise<void>): Promise<void> {
  await undefinedWhenMissing(work);
}

async function writeAtomically(
  file: string,
  data: Uint8Array | string,
  options: WriteOptions,
): Promise<void> {
  const target = (await undefinedWhenMissing(async () => await fs.realpath(file))) ?? file;
  const folder = path.dirname(target);
  if (options.directoryMode !== undefined)
    await fs.mkdir(folder, { recursive: true, mode: options.directoryMode });
  const present = await undefinedWhenMissing(async () => await fs.stat(target));
  if (present?.isDirectory() === true) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
  // The kubelet takes every file of its manifest folder for a Pod whose name does not begin with a dot.
  const temporary = path.join(folder, `.${path.basename(target)}.${randomBytes(6).toString('hex')}`);
  const handle = await fs.open(
    temporary,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    present === undefined ? options.mode : 0o600,
  );
  try {
    if (present !== undefined) {
      await handle.chown(present.uid, present.gid);
      await handle.chmod(present.mode & 0o7777);
    }
    await handle.writeFile(data);
    await handle.sync();
    await handle.close();
    await fs.rename(temporary, target);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await fs.rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** A rename lasts once its folder is on the disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems cannot sync folders.
    if (codeOf(error) !== 'EINVAL') throw error;
  } finally {
    await handle.close();
  }
}

/** Digits, as upstream's random suffixes. */
async function temporaryDirectory(prefix: string): Promise<string> {
  for (;;) {
    const folder = prefix + String(randomBytes(4).readUInt32BE());
    try {
      await fs.mkdir(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

async function removeContents(file: string): Promise<void> {
  const names = (await undefinedWhenMissing(async () => await fs.readdir(file))) ?? [];
  for (const name of names) await fs.rm(path.join(file, name), { recursive: true, force: true });
}
