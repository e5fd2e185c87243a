import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { FileError, KubeadmError } from '../../../errors.ts';
import type { LockOptions } from '../../../host.ts';
import { codeOf } from '../error-code.ts';
import { libc } from './ffi.ts';

const { O_RDWR, O_CREAT } = constants;
const intervalMs = 200;
const timeoutMs = 5000;

/**
 * Takes the advisory write lock of a file (fcntl; source: cmd/kubeadm/app/util/users/users_linux.go). It tries every
 * 200 ms for 5 s. The returned function releases the lock.
 *
 * @throws FileError; KubeadmError code `timeout` if another process keeps the lock, `internal` on Node
 */
export async function lockFile(file: string, options: LockOptions = {}): Promise<() => Promise<void>> {
  const { tryLock } = await libc('locking a file');
  let handle: FileHandle;
  try {
    handle = await open(file, O_RDWR | (options.create === true ? O_CREAT : 0), 0o600);
  } catch (error) {
    throw new FileError('open', file, codeOf(error) ?? 'EIO', { cause: error });
  }
  try {
    await takeLock(handle, file, tryLock);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return async () => await handle.close();
}

async function takeLock(handle: FileHandle, file: string, tryLock: (fd: number) => boolean): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  try {
    while (!tryLock(handle.fd)) {
      if (performance.now() > deadline) {
        const message = `another process has held the lock of ${file} for ${timeoutMs / 1000} s`;
        throw new KubeadmError('timeout', message, { hint: `see who has it open: fuser ${file}` });
      }
      await sleep(intervalMs);
    }
  } catch (error) {
    const code = codeOf(error);
    throw code === undefined || error instanceof KubeadmError
      ? error
      : new FileError('lock', file, code, { cause: error });
  }
}
