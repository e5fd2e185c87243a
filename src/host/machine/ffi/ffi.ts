/** System calls that Node has no name for, through libc, in the Bun executable. */
import { KubeadmError } from '../../../errors.ts';

interface Libc {
  readonly chroot: (path: string) => void;
  readonly umount2: (path: string, flags: number) => void;
  /**
   * An exclusive advisory lock over the whole file; false when another process holds one. It belongs to the open
   * file (fcntl F_OFD_SETLK, fcntl_locking(2)) and ends when that is closed. The classic F_SETLK, which it excludes
   * and is excluded by, would end as soon as this process closed the file somewhere else, such as after reading it.
   */
  readonly tryLock: (fd: number) => boolean;
}

const EAGAIN = 11;
const EACCES = 13;
const F_OFD_SETLK = 37;
const F_WRLCK = 1;

/** @throws KubeadmError on Node, which cannot make these calls */
export async function libc(what: string): Promise<Libc> {
  if (process.versions.bun === undefined) {
    throw new KubeadmError('internal', `${what} needs a system call that Node does not offer`, {
      hint: 'use the kubeadm executable, not the library, for it',
    });
  }
  const { dlopen, FFIType, ptr, read } = await import('bun:ffi');
  const { symbols } = dlopen('libc.so.6', {
    chroot: { args: [FFIType.ptr], returns: FFIType.i32 },
    umount2: { args: [FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
    fcntl: { args: [FFIType.i32, FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
    __errno_location: { args: [], returns: FFIType.ptr },
  });
  const errno = (): number => read.i32(symbols.__errno_location(), 0);
  const check = (result: number): void => {
    if (result === 0) return;
    const code = errno();
    throw Object.assign(new Error(`errno ${code}`), { code: errnoName(code) });
  };
  // A pointer does not keep its bytes alive: `bytes` does, until the call is over.
  const withPath = (path: string, call: (pointer: number) => number): void => {
    const bytes = Buffer.from(`${path}\0`);
    check(call(ptr(bytes)));
  };
  return {
    chroot: (path) => withPath(path, (pointer) => symbols.chroot(pointer)),
    umount2: (path, flags) => withPath(path, (pointer) => symbols.umount2(pointer, flags)),
    tryLock: (fd) => {
      // struct flock: short l_type, l_whence; off_t l_start, l_len; pid_t l_pid.
      const flock = Buffer.alloc(32);
      flock.writeInt16LE(F_WRLCK, 0);
      const result = symbols.fcntl(fd, F_OFD_SETLK, ptr(flock));
      if (result === 0) return true;
      const code = errno();
      if (code === EAGAIN || code === EACCES) return false;
      throw Object.assign(new Error(`errno ${code}`), { code: errnoName(code) });
    },
  };
}

const names: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  11: 'EAGAIN',
  12: 'ENOMEM',
  13: 'EACCES',
  16: 'EBUSY',
  20: 'ENOTDIR',
  22: 'EINVAL',
  36: 'ENAMETOOLONG',
  37: 'ENOLCK',
  40: 'ELOOP',
};

function errnoName(code: number): string {
  return names[code] ?? `errno ${code}`;
}
