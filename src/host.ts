/**
 * The ports: all of the world that a phase can touch. Each port is split into reads and writes, so that
 * a signature that asks for reads proves that nothing is changed. `machine/` is the real machine, `dry-run/`
 * records the writes over another host, `memory/` is a machine for tests.
 */
import type { CriConnect } from './clients/cri/cri-client.ts';
import type { EtcdConnect } from './clients/etcd/etcd-client.ts';
import type { KubeConnect } from './clients/kube/kube-client.ts';

/** What a path names; sizes in bytes, mode without the file type bits. */
export interface FileStat {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Milliseconds since 1970 of the last change of the content (mtime). */
  readonly modifiedAt: number;
}

/** Reads throw `FileError` (code ENOENT, EACCES, EISDIR …) unless said otherwise. */
export interface FileReads {
  /** All of a file, or its first `maxBytes` bytes. */
  readonly read: (path: string, options?: { readonly maxBytes?: number }) => Promise<Uint8Array>;
  /** UTF-8; a leading byte order mark is kept. */
  readonly readText: (path: string) => Promise<string>;
  /** Follows links; undefined when nothing is there. */
  readonly stat: (path: string) => Promise<FileStat | undefined>;
  /** Does not follow the last link; undefined when nothing is there. */
  readonly lstat: (path: string) => Promise<FileStat | undefined>;
  /** Names in the directory, sorted bytewise; undefined when nothing is there, ENOTDIR for a file. */
  readonly list: (path: string) => Promise<readonly string[] | undefined>;
  readonly realpath: (path: string) => Promise<string>;
  /** Bytes that can still be written to the file system that holds the path. */
  readonly freeSpace: (path: string) => Promise<number>;
}

export interface WriteOptions {
  /** Mode of a new file, from its first instant (an existing file keeps its own, as upstream). */
  readonly mode: number;
  /** Mode of missing parent directories, which are made; without it they must exist. */
  readonly directoryMode?: number;
}

/** A file that is to be written. */
export interface FileContent {
  readonly path: string;
  readonly data: Uint8Array | string;
  readonly options: WriteOptions;
}

export interface CopyOptions {
  /** When it is aborted, the copy ends, and what was copied is removed. */
  readonly signal?: AbortSignal;
}

export interface LockOptions {
  /** A missing file is made, with mode 0600: it serves as a lock alone. */
  readonly create?: boolean;
}

export interface FileWrites {
  /**
   * Atomic: temporary file beside it (its name begins with a dot), fsync, rename. A link at `path` is followed, so
   * that the file it names is replaced, or made if it does not exist yet. The owner, the mode, the access control list
   * and the other attributes of a file that is there stay.
   *
   * A device, a pipe, a socket and a descriptor (/dev/stdout, /dev/fd/3) are written to and stay what they are, and so
   * is a file that cannot be replaced, such as a bind mount. In a folder in which every user may write, a file or link
   * that belongs neither to this user nor to the owner of the folder is refused with EACCES. A pipe that nobody reads
   * for 10 s ends the call with a KubeadmError `timeout`.
   */
  readonly write: (path: string, data: Uint8Array | string, options: WriteOptions) => Promise<void>;
  /**
   * Writes files that belong together, such as a key and its certificate, in this order and each as `write` does. All
   * temporary files are on the disk before the first one is renamed, so that a full disk changes none of the files.
   */
  readonly writeAll: (contents: readonly FileContent[]) => Promise<void>;
  /** With parents; an existing directory keeps its mode. ENOTDIR when a file is in the way. */
  readonly makeDirectory: (path: string, mode: number) => Promise<void>;
  /** A new directory `<prefix><random>`, mode 0700; its path is the result. */
  readonly makeTemporaryDirectory: (prefix: string) => Promise<string>;
  /** A file or link; nothing there is fine. With `sync` no power cut brings it back: that costs some milliseconds. */
  readonly remove: (path: string, options?: { readonly sync: boolean }) => Promise<void>;
  /**
   * Everything below the directory, not itself; a missing directory is fine, a file is ENOTDIR. Does not follow
   * links below it.
   */
  readonly removeContents: (path: string) => Promise<void>;
  readonly removeTree: (path: string) => Promise<void>;
  readonly chmod: (path: string, mode: number) => Promise<void>;
  /** A link changes its own owner, not that of what it names. */
  readonly chown: (path: string, uid: number, gid: number) => Promise<void>;
  /** The owner of the path and of everything below it. Links change their own owner and are not followed. */
  readonly chownTree: (path: string, uid: number, gid: number) => Promise<void>;
  /**
   * Renames a file, a link or a directory; a file at `to` is replaced. Across file systems it is copied and then
   * removed. The new name is on the disk when the call ends.
   */
  readonly move: (from: string, to: string) => Promise<void>;
  /**
   * Copies a file or a directory with owners, modes, times and attributes. `to` appears when the copy is whole and on
   * the disk. EEXIST when something is at `to`; ENOSPC before the first byte when there is too little room.
   */
  readonly copyTree: (from: string, to: string, options?: CopyOptions) => Promise<void>;
  /**
   * Runs `change` while this process holds the advisory write lock of the file; waits for it as long as
   * upstream does (every 200 ms for 5 s).
   */
  readonly withLock: <T>(path: string, change: () => Promise<T>, options?: LockOptions) => Promise<T>;
}

export interface ExecResult {
  /** Exit code; 128 and the number of the signal that ended the program, as a shell says it. */
  readonly code: number;
  /** At most 16 MiB of each stream; a last line says how much more there was. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  /** Default two minutes; the program is killed then, and the call ends with an `ExecError`. */
  readonly timeoutMs?: number;
  readonly input?: string;
  /** When it is aborted, the program is killed, and the call ends with a KubeadmError `interrupted`. */
  readonly signal?: AbortSignal;
}

export interface ExecReads {
  /**
   * Absolute path of a program, undefined when it is missing. It is looked for in /usr/local/sbin … /bin, then in those
   * absolute folders of the caller's PATH in which only root can write.
   */
  readonly find: (program: string) => Promise<string | undefined>;
  /** Runs a program that changes nothing. A missing program: `ExecError`. The exit code is a result. */
  readonly probe: (program: string, args: readonly string[], options?: ExecOptions) => Promise<ExecResult>;
}

export interface ExecWrites {
  readonly run: (program: string, args: readonly string[], options?: ExecOptions) => Promise<ExecResult>;
}

/** The init system that was found, as upstream looks for it: systemctl, then openrc (spec: constants.md 15). */
export type InitSystem = 'systemd' | 'openrc';

export interface ServiceReads {
  readonly initSystem: () => Promise<InitSystem | undefined>;
  readonly exists: (service: string, signal?: AbortSignal) => Promise<boolean>;
  readonly isEnabled: (service: string, signal?: AbortSignal) => Promise<boolean>;
  readonly isActive: (service: string, signal?: AbortSignal) => Promise<boolean>;
}

/** Each throws `ExecError` with the command and its output, and a KubeadmError `interrupted` when the signal is aborted. */
export interface ServiceWrites {
  readonly start: (service: string, signal?: AbortSignal) => Promise<void>;
  readonly restart: (service: string, signal?: AbortSignal) => Promise<void>;
  /**
   * Before a service is started: has the init system read the files of all units again, unless it holds this one as it
   * stands on the disk (reading all takes a third of a second).
   */
  readonly readUnit: (service: string, signal?: AbortSignal) => Promise<void>;
  readonly stop: (service: string, signal?: AbortSignal) => Promise<void>;
}

export interface NetworkInterface {
  readonly name: string;
  readonly up: boolean;
  readonly loopback: boolean;
  readonly pointToPoint: boolean;
  /** With prefix length, as the kernel lists them: `10.0.0.5/24`, `fd00::5/64`. */
  readonly addresses: readonly string[];
}

export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

export interface HttpOptions {
  readonly timeoutMs: number;
  /** PEM of the trusted roots; `false`: the certificate is not verified; left out: the system's roots. */
  readonly ca?: string | false;
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Obey HTTPS_PROXY and NO_PROXY of the environment (only for addresses outside the cluster). */
  readonly useProxy?: boolean;
}

export interface NetReads {
  readonly hostname: () => Promise<string>;
  readonly interfaces: () => Promise<readonly NetworkInterface[]>;
  /** Whether a TCP listener on all addresses of that port can be made now. */
  readonly canListen: (port: number) => Promise<boolean>;
  /** Addresses of a name by the system's resolver; throws `NetError`. */
  readonly lookup: (name: string) => Promise<readonly string[]>;
  /** A GET; any status is a result, no answer is a `NetError`. */
  readonly get: (url: string, options: HttpOptions) => Promise<HttpResponse>;
  /** Whether something accepts connections on the unix socket at this path. */
  readonly answersOnSocket: (path: string) => Promise<boolean>;
}

export interface SystemReads {
  readonly uid: () => number;
  readonly cpus: () => number;
  /** Bytes; undefined when it cannot be told. */
  readonly totalMemory: () => number | undefined;
  /** uname -s and -r. */
  readonly kernel: () => { readonly name: string; readonly release: string };
  readonly environment: () => Readonly<Record<string, string | undefined>>;
}

export interface MountWrites {
  /** umount2 with these flags of ResetConfiguration.unmountFlags; throws `FileError` with the errno's name. */
  readonly unmount: (path: string, flags: readonly string[]) => Promise<void>;
}

export interface Clock {
  readonly now: () => Date;
  /** Minutes by which the local time of this machine is ahead of UTC at that instant. */
  readonly offsetMinutes: (at: Date) => number;
  /** Milliseconds since some fixed instant; never goes back. */
  readonly monotonic: () => number;
  /** Ends early, without error, when the signal is aborted. */
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

/** Where key pairs come from: made on demand, or taken from a pool that was filled beforehand. */
export interface Keys {
  readonly generate: (algorithm: KeyAlgorithm) => Promise<GeneratedKey>;
}

export interface Prompt {
  /** Prints the question and reads a line of standard input; undefined at its end, and when the signal is aborted. */
  readonly ask: (question: string, signal?: AbortSignal) => Promise<string | undefined>;
}

/** What preflight and read-only commands get: nothing in it changes the machine. */
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
  /**
   * The directory that a dry run writes to; undefined when the run is real. Only what a dry run must *say*
   * differently may look at it: the host does what must be *done* differently.
   */
  readonly dryRunDirectory?: string;
}
