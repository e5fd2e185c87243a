/**
 * Counts the writes of a memory host and lets it "lose power" after one of them: from then on every
 * operation throws `Crash`, as if the process were gone.
 */

/** What changed: `file-temporary` is the dot file that an atomic write leaves when it is cut off. */
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
  /** Path, command, service, `create Node/node1`, image … */
  readonly target: string;
}

/** The machine lost power here. Not a `KubeadmError`, so that no code takes it for a failure to handle. */
export class Crash extends Error {
  override readonly name: string = 'Crash';
}

export interface WriteGate {
  /** All writes so far, in order. */
  readonly writes: readonly WriteRecord[];
  readonly crashed: () => boolean;
  /** Lose power after that many writes, counted from the start of the host. */
  readonly crashAfter: (count: number) => void;
  /** The machine is on again; state that lives on disk and in the cluster is as it was. */
  readonly restart: () => void;
  readonly onWrite: (listener: (write: WriteRecord, count: number) => void) => void;
  /** Throws `Crash` when the power is off. */
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
