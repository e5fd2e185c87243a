/**
 * Counts the writes of a memory host, and can make it "lose power" after one of them. From then on, every operation
 * throws `Crash`, as if the process were gone.
 */

/** The kind of a write. `file-temporary` is the dot file that remains if an atomic write is cut off. */
export type WriteKind =
  | 'directory'
  | 'file-temporary'
  | 'file'
  | 'remove'
  | 'attributes'
  | 'exec'
  | 'service'
  | 'mount'
  | 'api'
  | 'cri'
  | 'etcd';

export interface WriteRecord {
  readonly kind: WriteKind;
  /** The target: a path, command, service, `create Node/node1`, image … */
  readonly target: string;
}

/** The machine lost power here. It is not a `KubeadmError`, so that no code handles it as a failure. */
export class Crash extends Error {
  override readonly name: string = 'Crash';
}

export interface WriteGate {
  /** All writes up to now, in order. */
  readonly writes: readonly WriteRecord[];
  readonly crashed: () => boolean;
  /** Makes the machine lose power after that many writes, counted from the start of the host. */
  readonly crashAfter: (count: number) => void;
  /** Switches the machine on again. The state on the disk and in the cluster stays. */
  readonly restart: () => void;
  readonly onWrite: (listener: (write: WriteRecord, count: number) => void) => void;
  /** Throws `Crash` if the power is off. */
  readonly check: () => void;
  /** Does one write and counts it. A `change` that throws is not counted. */
  readonly write: <T>(kind: WriteKind, target: string, change: () => T) => T;
}

export function createWriteGate(): WriteGate {
  const writes: WriteRecord[] = [];
  const listeners: ((write: WriteRecord, count: number) => void)[] = [];
  let limit = Number.POSITIVE_INFINITY;
  const check = (): void => {
    if (writes.length >= limit) throw new Crash(`the machine lost power after write ${limit}`);
  };
  return {
    writes,
    crashed: () => writes.length >= limit,
    crashAfter: (count) => {
      limit = count;
    },
    restart: () => {
      limit = Number.POSITIVE_INFINITY;
    },
    onWrite: (listener) => {
      listeners.push(listener);
    },
    check,
    write: (kind, target, change) => {
      check();
      const result = change();
      const record = { kind, target };
      writes.push(record);
      for (const listener of listeners) listener(record, writes.length);
      return result;
    },
  };
}
