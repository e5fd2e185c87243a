/** Writes in place to files that cannot be replaced: devices, pipes, sockets, descriptors, bind-mounted files. */
import * as sync from 'node:fs';

import { KubeadmError } from '../../../errors.ts';
import { codeOf } from '../error-code.ts';

/** How long a pipe may have no reader, or a reader that reads nothing. */
const readerMs = 10_000;
const retryMs = 20;

/**
 * Writes all bytes without a blocking call, so that this process still handles signals while a reader hangs.
 *
 * @throws errors of the system with their `code`; KubeadmError `timeout` if nobody reads a pipe for 10 s
 */
export async function writeToSpecial(
  path: string,
  bytes: Buffer,
  { own, present }: { readonly own: number | undefined; readonly present: sync.Stats },
): Promise<void> {
  // Writing to the descriptor itself keeps its offset and so appends to the caller's output. The kernel cannot reopen a
  // socket by its path.
  if (own !== undefined && (present.isFile() || present.isSocket())) return await writeAll(own, path, bytes);
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW, O_TRUNC } = sync.constants;
  const follow = path.startsWith('/proc/') ? (present.isFile() ? O_TRUNC : 0) : O_NOFOLLOW;
  const handle = await openWithReader(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | follow, present);
  try {
    const opened = sync.fstatSync(handle);
    if (opened.dev !== present.dev || opened.ino !== present.ino)
      throw Object.assign(new Error('it was replaced'), { code: 'EAGAIN' });
    await writeAll(handle, path, bytes);
  } finally {
    sync.closeSync(handle);
  }
}

async function openWithReader(path: string, flags: number, present: sync.Stats): Promise<number> {
  const deadline = performance.now() + readerMs;
  for (;;) {
    try {
      return sync.openSync(path, flags);
    } catch (error) {
      if (codeOf(error) !== 'ENXIO' || !present.isFIFO()) throw error;
    }
    if (performance.now() > deadline) throw nobodyReads(path);
    await retryTime();
  }
}

async function writeAll(handle: number, path: string, bytes: Buffer): Promise<void> {
  for (let offset = 0, since = performance.now(); offset < bytes.length; ) {
    try {
      offset += sync.writeSync(handle, bytes, offset);
      since = performance.now();
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      if (performance.now() - since > readerMs) throw nobodyReads(path);
      await retryTime();
    }
  }
}

function nobodyReads(path: string): KubeadmError {
  return new KubeadmError('timeout', `nobody has read from ${path} for ${readerMs / 1000} s`, {
    hint: 'start the program that reads it first',
  });
}

/**
 * Overwrites a regular file that cannot be replaced. If that fails, for example because the disk is full, the old
 * content is restored.
 */
export function overwrite(path: string, bytes: Buffer, present: sync.Stats): void {
  const { O_RDWR, O_NOFOLLOW } = sync.constants;
  const handle = sync.openSync(path, O_RDWR | O_NOFOLLOW);
  try {
    const opened = sync.fstatSync(handle);
    if (opened.dev !== present.dev || opened.ino !== present.ino)
      throw Object.assign(new Error('it was replaced'), { code: 'EAGAIN' });
    const before = sync.readFileSync(handle);
    try {
      put(handle, bytes);
    } catch (error) {
      put(handle, before);
      throw error;
    }
  } finally {
    sync.closeSync(handle);
  }
}

function put(handle: number, bytes: Buffer): void {
  for (let offset = 0; offset < bytes.length; )
    offset += sync.writeSync(handle, bytes, offset, bytes.length - offset, offset);
  sync.ftruncateSync(handle, bytes.length);
  sync.fsyncSync(handle);
}

/** A timer without `node:timers/promises`, which short commands do not load. */
async function retryTime(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, retryMs));
}
