/** Writing into what must keep its place: devices, pipes, sockets, descriptors, bind-mounted files. */
import * as sync from 'node:fs';

import { KubeadmError } from '../../../errors.ts';
import { codeOf } from '../error-code.ts';

/** How long a pipe may be without a reader, or with one that reads nothing. */
const readerMs = 10_000;
const retryMs = 20;

/**
 * Writes all bytes without a blocking call, so that a reader that hangs keeps no signal from this process.
 *
 * @throws errors of the system with their `code`; KubeadmError `timeout` when nobody reads a pipe for 10 s
 */
export async function writeToSpecial(
  path: string,
  bytes: Buffer,
  { own, present }: { readonly own: number | undefined; readonly present: sync.Stats },
): Promise<void> {
  // The descriptor itself: its offset goes on, so that it appends to what the caller has written there. The kernel
  // cannot open a socket anew.
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
 * Writes over a regular file that cannot be replaced. When that fails, for instance because the disk is full, the file
 * gets its old content back.
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

/** Without `node:timers/promises`, which short commands do not load. */
async function retryTime(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, retryMs));
}
