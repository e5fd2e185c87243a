/**
 * The host is everything that a phase can touch. Each part is split into reads and writes, so that a function that
 * takes only reads cannot change anything. `machine/` is the real machine, `dry-run/` records the writes instead of
 * making them, and `memory/` is a machine for tests.
 */
import type { CriConnect } from './clients/cri/cri-client.ts';
import type { EtcdConnect } from './clients/etcd/etcd-client.ts';
import type { KubeConnect } from './clients/kube/kube-client.ts';

/** The thing at a path; sizes in bytes, mode without the file type bits. */
export interface FileStat {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Milliseconds since 1970 of the last change of the content (mtime). */
  readonly modifiedAt: number;
}

/** Reads throw `FileError` (code ENOENT, EACCES, EISDIR …) unless their comment names another result. */
export interface FileReads {
  /** The whole file, or its first `maxBytes` bytes. */
  readonly read: (path: string, options?: { readonly maxBytes?: number }) => Promise<Uint8Array>;
  /**
   * The first `maxBytes` bytes of a file in a folder that another user can change at any time. ELOOP if the folder or the
   * file is a link, EINVAL if it is neither a link nor a regular file.
   */
  readonly readUntrusted: (path: string, maxBytes: number) => Promise<Uint8Array>;
  /** UTF-8; a leading byte order mark is kept. */
  readonly readText: (path: string) => Promise<string>;
  /** Follows links; returns undefined if nothing exists at the path. */
  readonly stat: (path: string) => Promise<FileStat | undefined>;
  /** Does not follow the last link; returns undefined if nothing exists at the path. */
  readonly lstat: (path: string) => Promise<FileStat | undefined>;
  /** Names in the directory, sorted bytewise. Returns undefined if it does not exist; throws ENOTDIR for a file. */
  readonly list: (path: string) => Promise<readonly string[] | undefined>;
  readonly realpath: (path: string) => Promise<string>;
  /** Bytes that can still be written to the file system that holds the path. */
  readonly freeSpace: (path: string) => Promise<number>;
}

export interface WriteOptions {
  /** Mode of a new file, from its creation on. An existing file keeps its mode, as upstream. */
  readonly mode: number;
  /** Mode of missing parent directories, which are created. Without it, the parents must exist. */
  readonly directoryMode?: number;
}

/** A file that is to be written. */
export interface FileContent {
  readonly path: string;
  readonly data: Uint8Array | string;
  readonly options: WriteOptions;
}

export interface CopyOptions {
  /** Aborting it ends the copy and removes the part that was copied. */
  readonly signal?: AbortSignal;
}

export interface LockOptions {
  /** Creates a missing file with mode 0600, for files that only serve as a lock. */
  readonly create?: boolean;
}

export interface FileWrites {
  /**
   * Atomic: writes a temporary file beside it (its name begins with a dot), then calls fsync and rename. A link at `path`
   * is followed: its target is replaced, or created if it does not exist. An existing file keeps its owner, mode, access
   * control list and other attributes.
   *
   * A device, a pipe, a socket or a descriptor (/dev/stdout, /dev/fd/3) is written to in place. So is a file that cannot
   * be replaced, such as a bind mount. In a folder that every user can write to, a file or link that belongs neither to
   * this user nor to the owner of the folder is refused with EACCES. If nobody reads a pipe for 10 s, the call fails with
   * a KubeadmError `timeout`.
   */
  readonly write: (path: string, data: Uint8Array | string, options: WriteOptions) => Promise<void>;
  /**
   * Writes files that belong together, such as a key and its certificate, in this order and each as `write` does. All
   * temporary files are on the disk before the first one is renamed, so that a full disk changes none of the files.
   */
  readonly writeAll: (contents: readonly FileContent[]) => Promise<void>;
  /** With parents; an existing directory keeps its mode. ENOTDIR when a file is in the way. */
  readonly makeDirectory: (path: string, mode: number) => Promise<void>;
  /** Creates a directory `<prefix><random>` with mode 0700 and returns its path. */
  readonly makeTemporaryDirectory: (prefix: string) => Promise<string>;
  /** Removes a file or link, if it exists. With `sync`, which takes some milliseconds, it survives a power cut. */
  readonly remove: (path: string, options?: { readonly sync: boolean }) => Promise<void>;
  /**
   * Removes a file or link in a folder that another user can change at any time, if it exists. ELOOP if the folder is a
   * link.
   */
  readonly removeUntrusted: (path: string) => Promise<void>;
  /**
   * Removes everything in the directory but not the directory itself. A missing directory is not an error; a file is
   * ENOTDIR. Links in it are removed and not followed. It goes on past files that cannot be removed, and the FileError
   * names the first one.
   */
  readonly removeContents: (path: string) => Promise<void>;
  readonly removeTree: (path: string) => Promise<void>;
  readonly chmod: (path: string, mode: number) => Promise<void>;
  /** Changes the owner. For a link, it changes the link and not its target. */
  readonly chown: (path: string, uid: number, gid: number) => Promise<void>;
  /** Changes the owner of the path and of everything below it. Links are changed themselves and are not followed. */
  readonly chownTree: (path: string, uid: number, gid: number) => Promise<void>;
  /**
   * Renames a file, a link or a directory, and replaces a file at `to`. Across file systems it copies and then removes.
   * The new name is on the disk when the call ends.
   */
  readonly move: (from: string, to: string) => Promise<void>;
  /**
   * Copies a file or a directory with owners, modes, times and attributes. `to` appears only when the copy is complete
   * and on the disk. Throws EEXIST if `to` exists, and ENOSPC before the first byte if there is too little room.
   */
  readonly copyTree: (from: string, to: string, options?: CopyOptions) => Promise<void>;
  /**
   * Runs `change` while this process holds the advisory write lock of the file. It waits for the lock as long as
   * upstream does (every 200 ms for 5 s).
   */
  readonly withLock: <T>(path: string, change: () => Promise<T>, options?: LockOptions) => Promise<T>;
}

export interface ExecResult {
  /** Exit code; if a signal ended the program, 128 plus the number of the signal, as in a shell. */
  readonly code: number;
  /** At most 16 MiB of each stream; a last line then reports how many bytes were dropped. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  /** Default two minutes. Then the program is killed, and the call fails with an `ExecError`. */
  readonly timeoutMs?: number;
  readonly input?: string;
  /** Aborting it kills the program, and the call fails with a KubeadmError `interrupted`. */
  readonly signal?: AbortSignal;
}

export interface ExecReads {
  /**
   * Absolute path of a program; undefined if it is missing. The search covers /usr/local/sbin … /bin, then the absolute
   * folders of the caller's PATH in which only root can write.
   */
  readonly find: (program: string) => Promise<string | undefined>;
  /** Runs a program that changes nothing, and returns any exit code. A missing program is an `ExecError`. */
  readonly probe: (program: string, args: readonly string[], options?: ExecOptions) => Promise<ExecResult>;
}

export interface ExecWrites {
  readonly run: (program: string, args: readonly string[], options?: ExecOptions) => Promise<ExecResult>;
}

/** The init system of the machine. As upstream, kubeadm looks for systemctl, then openrc (spec: constants.md 15). */
export type InitSystem = 'systemd' | 'openrc';

export interface ServiceReads {
  readonly initSystem: () => Promise<InitSystem | undefined>;
  readonly exists: (service: string, signal?: AbortSignal) => Promise<boolean>;
  readonly isEnabled: (service: string, signal?: AbortSignal) => Promise<boolean>;
  readonly isActive: (service: string, signal?: AbortSignal) => Promise<boolean>;
}

/** Each throws `ExecError` with the command and its output, or a KubeadmError `interrupted` if the signal is aborted. */
export interface ServiceWrites {
  readonly start: (service: string, signal?: AbortSignal) => Promise<void>;
  readonly restart: (service: string, signal?: AbortSignal) => Promise<void>;
  /**
   * Call this before a service is started: it makes the init system read all unit files again, unless the unit that it
   * holds matches the disk. Reading all of them takes a third of a second.
   */
  readonly readUnit: (service: string, signal?: AbortSignal) => Promise<void>;
  readonly stop: (service: string, signal?: AbortSignal) => Promise<void>;
}

export interface NetworkInterface {
  readonly name: string;
  readonly up: boolean;
  readonly loopback: boolean;
  readonly pointToPoint: boolean;
  /** With prefix length, in the kernel's order: `10.0.0.5/24`, `fd00::5/64`. */
  readonly addresses: readonly string[];
}

export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

export interface HttpOptions {
  readonly timeoutMs: number;
  /** PEM of the trusted roots; `false` does not verify the certificate. Defaults to the system's roots. */
  readonly ca?: string | false;
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Called with the time of the server's clock in the answer (header `Date`, in whole seconds). */
  readonly onDate?: (date: Date) => void;
  /** Use the proxies of HTTPS_PROXY and NO_PROXY. Only for addresses outside the cluster. */
  readonly useProxy?: boolean;
}

export interface ServedCertificateOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** `silent` is a connection that is neither accepted nor refused. */
export type ConnectionOutcome = 'accepted' | 'refused' | 'silent';

export interface NetReads {
  readonly hostname: () => Promise<string>;
  readonly interfaces: () => Promise<readonly NetworkInterface[]>;
  /** Whether a TCP listener on all addresses of that port can be opened now. */
  readonly canListen: (port: number) => Promise<boolean>;
  /** Resolves a name with the system's resolver; throws `NetError`. */
  readonly lookup: (name: string) => Promise<readonly string[]>;
  /** A GET that returns any status. Without an answer it throws `NetError`. */
  readonly get: (url: string, options: HttpOptions) => Promise<HttpResponse>;
  /**
   * The certificate that the TLS server at an https URL presents, as DER. It is not verified. Without an answer it throws
   * `NetError`.
   */
  readonly servedCertificate: (url: string, options: ServedCertificateOptions) => Promise<Uint8Array>;
  /** What a TCP connection to the host of an http or https URL meets within the time. */
  readonly tryConnection: (url: string, timeoutMs: number) => Promise<ConnectionOutcome>;
  /** Whether something accepts connections on the unix socket at this path. */
  readonly answersOnSocket: (path: string) => Promise<boolean>;
}

export interface SystemReads {
  readonly uid: () => number;
  readonly cpus: () => number;
  /** Bytes; undefined if the size is unknown. */
  readonly totalMemory: () => number | undefined;
  /** The values of `uname -s` and `uname -r`. */
  readonly kernel: () => { readonly name: string; readonly release: string };
  readonly environment: () => Readonly<Record<string, string | undefined>>;
}

export interface MountWrites {
  /** Calls umount2 with these ResetConfiguration.unmountFlags; throws `FileError` with the name of the errno. */
  readonly unmount: (path: string, flags: readonly string[]) => Promise<void>;
}

export interface Clock {
  readonly now: () => Date;
  /** Minutes by which the local time of this machine is ahead of UTC at that instant. */
  readonly offsetMinutes: (at: Date) => number;
  /** Milliseconds since a fixed instant; never decreases. */
  readonly monotonic: () => number;
  /** Ends early without an error if the signal is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export interface Random {
  readonly bytes: (count: number) => Uint8Array;
}

/** kubeadm's `encryptionAlgorithm` values. */
export type KeyAlgorithm = 'RSA-2048' | 'RSA-3072' | 'RSA-4096' | 'ECDSA-P256' | 'ECDSA-P384';

/** A new key pair as PEM: PKCS#1 or SEC1 private key, PKIX public key. */
export interface GeneratedKey {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** The source of key pairs: generated on demand, or taken from a pool. */
export interface Keys {
  readonly generate: (algorithm: KeyAlgorithm) => Promise<GeneratedKey>;
}

export interface Prompt {
  /** Prints the question and reads a line of standard input. Returns undefined at its end or if the signal is aborted. */
  readonly ask: (question: string, signal?: AbortSignal) => Promise<string | undefined>;
}

/** The host that preflight and read-only commands get. It cannot change the machine. */
export interface ReadHost {
  readonly files: FileReads;
  readonly exec: ExecReads;
  readonly services: ServiceReads;
  readonly net: NetReads;
  readonly system: SystemReads;
  readonly clock: Clock;
  readonly random: Random;
}

/** The whole machine. */
export interface Host extends ReadHost {
  readonly files: FileReads & FileWrites;
  readonly exec: ExecReads & ExecWrites;
  readonly services: ServiceReads & ServiceWrites;
  readonly mounts: MountWrites;
  readonly keys: Keys;
  readonly prompt: Prompt;
  readonly kube: KubeConnect;
  readonly etcd: EtcdConnect;
  readonly cri: CriConnect;
}
