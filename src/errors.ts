/** The errors that users see. Each names the value, its place, what is allowed, and what to do. The exit code is 1. */

/** Stable codes; scripts and the JSON output may rely on them. */
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
  | 'sandbox-failed'
  | 'interrupted'
  | 'unfinished-run'
  | 'refused'
  | 'internal';

/** The place of a value. Lines, columns and documents count from 1. */
export interface Place {
  readonly file?: string;
  readonly document?: number;
  /** `networking.podSubnet`, `bootstrapTokens[0].token`. */
  readonly path?: string;
  readonly line?: number;
  readonly column?: number;
}

export interface ErrorOptions {
  readonly cause?: unknown;
  /** A sentence that tells the user what to do. */
  readonly hint?: string;
  readonly place?: Place;
  /** Plain data for programs; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A refusal or failure with a message made for people. Never carries a secret. */
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

/** A file operation failed; `errno` is the system's name for it (ENOENT, EACCES, EBUSY …). */
export class FileError extends KubeadmError {
  override readonly name: string = 'FileError';
  readonly errno: string;
  readonly path: string;

  constructor(operation: string, path: string, errno: string, options: ErrorOptions = {}) {
    super('file', `${operation} ${path}: ${describeErrno(errno)}`, options);
    this.errno = errno;
    this.path = path;
  }
}

/** A program is missing, could not be started, ran out of time, or failed although it must not. */
export class ExecError extends KubeadmError {
  override readonly name: string = 'ExecError';

  constructor(message: string, options: ErrorOptions = {}) {
    super('exec', message, options);
  }
}

/** No answer from the network: refused, timed out, TLS. `reason` is Node's code (ECONNREFUSED, ETIMEDOUT …). */
export class NetError extends KubeadmError {
  override readonly name: string = 'NetError';
  readonly reason: string;

  constructor(message: string, reason: string, options: ErrorOptions = {}) {
    super('net', message, options);
    this.reason = reason;
  }
}

/** The API server's answer was a failure. `status` is HTTP's, `reason` as in meta/v1 Status (NotFound, AlreadyExists …). */
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

/** The container runtime's answer was a failure, or none came. `grpcCode` as in `unavailable`, `unimplemented`. */
export class CriError extends KubeadmError {
  override readonly name: string = 'CriError';
  readonly grpcCode: string;

  constructor(grpcCode: string, message: string, options: ErrorOptions = {}) {
    super('cri', message, options);
    this.grpcCode = grpcCode;
  }
}

/** etcd refused a call, or did not answer: `unavailable`, `deadline_exceeded`. */
export class EtcdError extends KubeadmError {
  override readonly name: string = 'EtcdError';
  readonly grpcCode: string;
  /** etcd's own text, as `etcdserver: member not found`; undefined when etcd did not answer. */
  readonly answer: string | undefined;

  constructor(grpcCode: string, message: string, options: ErrorOptions & { readonly answer?: string } = {}) {
    super('etcd', message, options);
    this.grpcCode = grpcCode;
    this.answer = options.answer;
  }
}

const errnoTexts: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'device or resource busy',
  EEXIST: 'file exists',
  EINVAL: 'invalid argument',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
};

/** The system's words for an errno name, or the name itself if it is unknown. */
export function describeErrno(errno: string): string {
  return errnoTexts[errno] ?? errno;
}

/** Whether an error says that a file or directory does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof FileError && error.errno === 'ENOENT';
}

/** Text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
