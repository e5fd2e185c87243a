/** Moves and copies trees that may be gigabytes, by rename and `cp`, and not through the memory of this process. */
import * as sync from 'node:fs';
import path from 'node:path';

import { FileError } from '../../../errors.ts';
import type { CopyOptions, ExecWrites } from '../../../host.ts';
import { temporaryName } from '../../../lib/temporary-name.ts';
import { codeOf } from '../error-code.ts';
import { syncFolder } from './folders.ts';
import { removeTree } from './tree.ts';
import { randomSuffix } from './write.ts';

/** Long enough for a database of many gigabytes on a slow disk. */
const copyTimeoutMs = 6 * 60 * 60 * 1000;

export async function move(exec: ExecWrites, from: string, to: string): Promise<void> {
  try {
    sync.renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    await copyTo(exec, from, { to, options: {}, replace: true });
    await removeTree(from);
  }
  for (const folder of new Set([path.dirname(to), path.dirname(from)])) syncFolder(folder);
}

/** @throws FileError EEXIST if `to` exists, ENOSPC before the first byte if there is too little room */
export async function copyTree(
  exec: ExecWrites,
  from: string,
  { to, options }: { readonly to: string; readonly options: CopyOptions },
): Promise<void> {
  await copyTo(exec, from, { to, options, replace: false });
}

async function copyTo(
  exec: ExecWrites,
  from: string,
  { to, options, replace }: { readonly to: string; readonly options: CopyOptions; readonly replace: boolean },
): Promise<void> {
  if (!replace && sync.lstatSync(to, { throwIfNoEntry: false }) !== undefined)
    throw new FileError('copy', to, 'EEXIST');
  const folder = path.dirname(to);
  const [needed, free] = [await usedBytes(from), freeSpace(folder)];
  if (needed > free) {
    throw new FileError('copy', to, 'ENOSPC', {
      hint: `${from} takes ${mebibytes(needed)}, and the file system of ${folder} has ${mebibytes(free)} free.`,
    });
  }
  // The copy gets its name only when it is complete and on the disk.
  const temporary = path.join(folder, temporaryName(path.basename(to), randomSuffix()));
  try {
    await copy(exec, { from, to: temporary }, options);
    const { code, stderr } = await exec.run('sync', ['-f', '--', temporary], { timeoutMs: copyTimeoutMs });
    if (code !== 0) throw failed('sync', to, stderr);
    sync.renameSync(temporary, to);
  } catch (error) {
    await removeTree(temporary);
    throw error;
  }
  syncFolder(folder);
}

async function copy(
  exec: ExecWrites,
  { from, to }: { readonly from: string; readonly to: string },
  { signal }: CopyOptions,
): Promise<void> {
  const options = { timeoutMs: copyTimeoutMs, ...(signal === undefined ? {} : { signal }) };
  const paths = ['--', from, to];
  let result = await exec.run('cp', ['-a', '--reflink=auto', ...paths], options);
  // The cp of busybox does not support --reflink.
  if (result.code !== 0 && /unrecognized option|invalid option/.test(result.stderr))
    result = await exec.run('cp', ['-a', ...paths], options);
  if (result.code !== 0) throw failed('copy', from, result.stderr);
}

function failed(operation: string, file: string, stderr: string): FileError {
  const errno = /No space left/.test(stderr)
    ? 'ENOSPC'
    : /Permission denied/.test(stderr)
      ? 'EACCES'
      : /No such file/.test(stderr)
        ? 'ENOENT'
        : 'EIO';
  return new FileError(operation, file, errno, { cause: new Error(stderr.trim()) });
}

/** Bytes that an unprivileged program can still write to the file system of the path. */
export function freeSpace(file: string): number {
  const { bavail, bsize } = sync.statfsSync(file);
  return Number(bavail) * Number(bsize);
}

/** Counts blocks on the disk, so that holes in files do not count. */
async function usedBytes(file: string): Promise<number> {
  const found = await sync.promises.lstat(file);
  let bytes = found.blocks * 512;
  if (!found.isDirectory()) return bytes;
  for (const name of await sync.promises.readdir(file)) bytes += await usedBytes(path.join(file, name));
  return bytes;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MiB`;
}
