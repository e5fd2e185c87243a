/** The changes of objects in memory, with the versions of the API server. */
import { KubeApiError } from '../../errors.ts';
import type { KubeObject } from './kube-client.ts';

/** A change of one object, with the object as it was before. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  readonly before: KubeObject | undefined;
}

export interface ChangeLog {
  /** Calls the listener after each change. The returned function unsubscribes it. */
  readonly onChange: (listener: (change: Change) => void) => () => void;
  /** The version of the newest change. */
  readonly version: () => string;
  /** The changes after a version, oldest first. @throws KubeApiError 410 if the log has forgotten them */
  readonly changesSince: (version: string) => readonly Change[];
  /** Forgets all changes up to now, as etcd does with old ones. */
  readonly compact: () => void;
}

export interface WritableChangeLog extends ChangeLog {
  /** Returns a copy of the object with the next version. */
  readonly versioned: (object: KubeObject) => KubeObject;
  readonly add: (change: Change) => void;
}

export function createChangeLog(): WritableChangeLog {
  const listeners = new Set<(change: Change) => void>();
  let changes: readonly Change[] = [];
  let version = 0;
  let compacted = 0;
  return {
    versioned: (object) => {
      version += 1;
      const metadata = { ...object.metadata, resourceVersion: String(version) };
      return structuredClone({ ...object, metadata });
    },
    add: (change) => {
      changes = [...changes, change];
      for (const listener of [...listeners]) listener(structuredClone(change));
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    version: () => String(version),
    changesSince: (since) => {
      if (Number(since) < compacted) throw expired(since, compacted);
      return structuredClone(
        changes.filter(({ object }) => Number(object.metadata.resourceVersion) > Number(since)),
      );
    },
    compact: () => {
      compacted = version;
      changes = [];
    },
  };
}

function expired(wanted: string, oldest: number): KubeApiError {
  return new KubeApiError(410, 'Expired', `too old resource version: ${wanted} (${oldest})`);
}
