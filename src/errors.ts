/** The errors that users see. Each names the value, its place, what is allowed, and what to do. The exit code is 1. */

import { goQuote } from './lib/go/quote.ts';

/** The codes are stable, so scripts and readers of the JSON output can rely on them. */
export type ErrorCode =
  | 'usage'
  | 'config-invalid'
  | 'config-unreadable'
  | 'config-unsupported'
  | 'preflight-failed'
  | 'phase-failed'
  | 'phase-unknown'
  | 'phase-dependency'
  | 'certificate-invalid'
  | 'certificate-missing'
  | 'kubeconfig-invalid'
  | 'patch-invalid'
  | 'discovery-failed'
  | 'file'
  | 'exec'
  | 'net'
  | 'kube-api'
  | 'cri'
  | 'etcd'
  | 'timeout'
  | 'control-plane-unhealthy'
  | 'kubelet-failed'
  | 'container-failed'
  | 'image-missing'
  | 'leftovers'
  | 'sandbox-failed'
  | 'interrupted'
  | 'unfinished-run'
  /** `doctor` has found a problem. */
  | 'unhealthy'
  | 'refused'
  | 'internal';

/** The place of a value. Lines, columns and documents count from 1. */
export interface Place {
  readonly file?: string;
  readonly document?: number;
  /** The path of a field, such as `networking.podSubnet` or `bootstrapTokens[0].token`. */
  readonly path?: string;
  readonly line?: number;
  readonly column?: number;
}

export interface ErrorOptions {
  readonly cause?: unknown;
  /** A sentence that tells the user what to do. */
  readonly hint?: string;
  readonly place?: Place;
  /** Plain data for programs. It never contains a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A refusal or failure with a message for people. It never contains a secret. */
export class KubeadmError extends Error {
  override readonly name: string = 'KubeadmError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly place: Place | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.place = options.place;
    this.details = options.details ?? {};
  }
}

/** The error of a command line or a request that kubeadm does not accept. */
export function usageError(message: string, hint?: string): KubeadmError {
  return new KubeadmError('usage', message, hint === undefined ? {} : { hint });
}

interface Context {
  /** The code and the hint if the cause has none, because it is not a KubeadmError. */
  readonly code: ErrorCode;
  readonly hint?: string;
  /** They are added to the details of the cause. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** An error with the code, the hint and the details of its cause, and with another message. */
export function withContext(cause: unknown, message: string, { code, details, hint }: Context): KubeadmError {
  const own = cause instanceof KubeadmError ? cause : undefined;
  const shown = own?.hint ?? hint;
  return new KubeadmError(own?.code ?? code, message, {
    cause,
    ...(shown === undefined ? {} : { hint: shown }),
    details: { ...own?.details, ...details },
  });
}

/** A failed file operation. `errno` is the system's name of the error, such as ENOENT or EACCES. */
export class FileError extends KubeadmError {
  override readonly name: string = 'FileError';
  readonly errno: string;
  readonly path: string;

  constructor(operation: string, path: string, errno: string, options: ErrorOptions = {}) {
    const shown = /\p{Cc}/u.test(path) ? goQuote(path) : path;
    super('file', `${operation} ${shown}: ${describeErrno(errno)}`, options);
    this.errno = errno;
    this.path = path;
  }
}

/** A program that is missing, could not be started, exceeded its time limit, or failed unexpectedly. */
export class ExecError extends KubeadmError {
  override readonly name: string = 'ExecError';

  constructor(message: string, options: ErrorOptions = {}) {
    super('exec', message, options);
  }
}

/** A failed connection. `reason` is Node's code, such as ECONNREFUSED, ETIMEDOUT or a code of TLS. */
export class NetError extends KubeadmError {
  override readonly name: string = 'NetError';
  readonly reason: string;

  constructor(message: string, reason: string, options: ErrorOptions = {}) {
    super('net', message, options);
    this.reason = reason;
  }
}

/** A failure that the API server returned. `status` is that of HTTP. `reason` is that of meta/v1 Status, such as NotFound. */
export class KubeApiError extends KubeadmError {
  override readonly name: string = 'KubeApiError';
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string, options: ErrorOptions = {}) {
    super('kube-api', message, options);
    this.status = status;
    this.reason = reason;
  }
}

/** A failed call to the container runtime. `grpcCode` is a code such as `unavailable` or `unimplemented`. */
export class CriError extends KubeadmError {
  override readonly name: string = 'CriError';
  readonly grpcCode: string;

  constructor(grpcCode: string, message: string, options: ErrorOptions = {}) {
    super('cri', message, options);
    this.grpcCode = grpcCode;
  }
}

/** A failed call to etcd. If etcd did not answer, the code is `unavailable` or `deadline_exceeded`. */
export class EtcdError extends KubeadmError {
  override readonly name: string = 'EtcdError';
  readonly grpcCode: string;
  /** The text of etcd, such as `etcdserver: member not found`. It is undefined if etcd did not answer. */
  readonly answer: string | undefined;

  constructor(grpcCode: string, message: string, options: ErrorOptions & { readonly answer?: string } = {}) {
    super('etcd', message, options);
    this.grpcCode = grpcCode;
    this.answer = options.answer;
  }
}

const errnoTexts: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBADF: 'bad file descriptor',
  EBUSY: 'device or resource busy',
  EDQUOT: 'disk quota exceeded',
  EEXIST: 'file exists',
  EFBIG: 'file too large',
  EINVAL: 'invalid argument',
  EIO: 'input/output error',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  EMFILE: 'too many open files',
  EMLINK: 'too many links',
  ENAMETOOLONG: 'file name too long',
  ENFILE: 'too many open files in system',
  ENODEV: 'no such device',
  ENOENT: 'no such file or directory',
  ENOMEM: 'cannot allocate memory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  ENOTSUP: 'operation not supported',
  ENXIO: 'no such device or address',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
  ESTALE: 'stale file handle',
  ETXTBSY: 'text file busy',
  EXDEV: 'invalid cross-device link',
};

/** Returns the system's text for an errno name, or the name itself if it is unknown. */
export function describeErrno(errno: string): string {
  return errnoTexts[errno] ?? errno;
}

/** Whether an error means that a file or directory does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof FileError && error.errno === 'ENOENT';
}

/** Waits for a read. It returns undefined if the file or directory does not exist, and throws every other error. */
export async function ifExists<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Returns the message of an error, or the text of any other thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
