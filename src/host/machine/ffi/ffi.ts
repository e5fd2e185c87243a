/** System calls that Node does not offer, through libc, in the Bun executable. */
import type { Functions, Symbols } from 'bun:ffi';

import { KubeadmError } from '../../../errors.ts';

interface Libc {
  readonly chroot: (path: string) => void;
  readonly umount2: (path: string, flags: number) => void;
  /**
   * Takes an exclusive advisory lock on the whole file; returns false if another process holds one. The lock belongs to
   * the open file (fcntl F_OFD_SETLK, fcntl_locking(2)) and ends when that is closed. It also excludes the classic
   * F_SETLK, which would end as soon as this process closes another descriptor of the file, for example after a read.
   */
  readonly tryLock: (fd: number) => boolean;
  /** Names of the extended attributes of a file (listxattr). */
  readonly listAttributes: (path: string) => readonly string[];
  readonly getAttribute: (path: string, name: string) => Uint8Array;
  readonly setAttribute: (fd: number, name: string, value: Uint8Array) => void;
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
  const { FFIType, ptr, read } = await import('bun:ffi');
  const symbols = await loadLibc({
    chroot: { args: [FFIType.ptr], returns: FFIType.i32 },
    umount2: { args: [FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
    fcntl: { args: [FFIType.i32, FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
    listxattr: { args: [FFIType.ptr, FFIType.ptr, FFIType.i64], returns: FFIType.i64_fast },
    getxattr: { args: [FFIType.ptr, FFIType.ptr, FFIType.ptr, FFIType.i64], returns: FFIType.i64_fast },
    fsetxattr: {
      args: [FFIType.i32, FFIType.ptr, FFIType.ptr, FFIType.i64, FFIType.i32],
      returns: FFIType.i32,
    },
    __errno_location: { args: [], returns: FFIType.ptr },
  });
  const errno = (): number => read.i32(symbols.__errno_location(), 0);
  const check = (result: number): number => {
    if (result >= 0) return result;
    const code = errno();
    throw Object.assign(new Error(`errno ${code}`), { code: errnoName(code) });
  };
  // A pointer does not keep its buffer alive, so `bytes` must stay in scope until the call ends.
  const withPath = (path: string, call: (pointer: number) => number): void => {
    const bytes = cString(path);
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
    listAttributes: (path) => {
      const file = cString(path);
      const names = Buffer.alloc(attributeBytes);
      const length = check(symbols.listxattr(ptr(file), ptr(names), names.length));
      return names
        .toString('utf8', 0, length)
        .split('\0')
        .filter((name) => name !== '');
    },
    getAttribute: (path, name) => {
      const [file, key] = [cString(path), cString(name)];
      const value = Buffer.alloc(attributeBytes);
      return value.subarray(0, check(symbols.getxattr(ptr(file), ptr(key), ptr(value), value.length)));
    },
    setAttribute: (fd, name, value) => {
      const [key, bytes] = [cString(name), Buffer.concat([value, Buffer.alloc(1)])];
      check(symbols.fsetxattr(fd, ptr(key), ptr(bytes), value.length, 0));
    },
  };
}

/** Limit of Linux for one value and for the list of names (XATTR_SIZE_MAX, XATTR_LIST_MAX). */
const attributeBytes = 64 * 1024;

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

/** Functions of the C library: glibc, or musl under its own file name. */
export async function loadLibc<F extends Functions>(functions: F): Promise<Symbols<F>> {
  const { dlopen } = await import('bun:ffi');
  try {
    return dlopen('libc.so.6', functions).symbols;
  } catch {
    return dlopen(`libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`, functions).symbols;
  }
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
  28: 'ENOSPC',
  30: 'EROFS',
  61: 'ENODATA',
  95: 'ENOTSUP',
  36: 'ENAMETOOLONG',
  37: 'ENOLCK',
  40: 'ELOOP',
};

function errnoName(code: number): string {
  return names[code] ?? `errno ${code}`;
}
