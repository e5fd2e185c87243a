/**
 * A dry run is a host over another one. The files of the run go flat into one directory, and reads look there first. The
 * host leaves programs, services and mounts alone, and reads from the API, etcd and the container runtime. It reports
 * each write as an event. Nothing else on the machine or in the cluster changes.
 * Source: cmd/kubeadm/app/util/apiclient/dryrun.go, cmd/init.go.
 */
import type { EtcdMember } from '../../clients/etcd/etcd-client.ts';
import { createObjectStore } from '../../clients/kube/object-store.ts';
import type { Emit, KubeadmEvent } from '../../events.ts';
import type { FileReads, Host } from '../../host.ts';
import { madeUpEtcd } from './etcd.ts';
import { dryRunFiles } from './files.ts';
import { keepFiles } from './kept.ts';
import { dryRunKube } from './kube.ts';
import type { MadeUp } from './made-up.ts';
import { type DryRunPaths, pathMap } from './paths.ts';
import { reportedInDryRun } from './reported.ts';
import { dryRunCri, dryRunEtcd, type Gone } from './runtime.ts';

export interface DryRunOptions {
  /** An existing directory. It is undefined for a command that writes no files of its own. */
  readonly directory?: string;
  /** The files that are written into the directory. */
  readonly paths?: DryRunPaths;
  readonly madeUp: MadeUp;
}

export interface DryRun {
  /** The directory that has the files of the run. */
  readonly directory: string | undefined;
  /** A host that reports to this listener. All hosts of a dry run share what they would have written. */
  readonly host: (emit: Emit) => Host;
  /** As `host`, but reads of files see the real machine, without the files of this or an earlier dry run. */
  readonly checkingHost: (emit: Emit) => Host;
  /** The event of a phase as the dry run passes it on. It is undefined if it reports a deed that is not done. */
  readonly reported: (event: KubeadmEvent) => KubeadmEvent | undefined;
}

/** The longest wait of a dry run for a cluster that may be down, in milliseconds. */
export const dryRunPatienceMs = 2000;

export function createDryRun(real: Host, { directory, madeUp, paths }: DryRunOptions): DryRun {
  const kept = keepFiles();
  const map = pathMap(directory, paths);
  const [store, deleted] = [createObjectStore(), createObjectStore()];
  for (const object of madeUp.seed ?? []) store.put(object);
  const silent = new Set(madeUp.cluster === undefined ? [] : [madeUp.cluster.server]);
  const gone: Gone = { pods: new Set(), podNames: new Map(), members: new Set() };
  const added = new Map<string, EtcdMember>();
  const host: DryRun['host'] = (emit) => ({
    ...real,
    files: dryRunFiles(real.files, { map, kept, emit }),
    exec: {
      ...real.exec,
      run: async (program, args, { input } = {}) => {
        emit({ type: 'would-run', command: [program, ...args], ...(input === undefined ? {} : { input }) });
        return { code: 0, stdout: '', stderr: '' };
      },
    },
    services: {
      ...real.services,
      start: async (service) => emit({ type: 'would-start-service', service }),
      restart: async (service) => emit({ type: 'would-restart-service', service }),
      readUnit: async (service) => emit({ type: 'would-read-unit', service }),
      stop: async (service) => emit({ type: 'would-stop-service', service }),
    },
    mounts: { unmount: async (path) => emit({ type: 'would-unmount', path }) },
    kube: dryRunKube(real.kube, { madeUp, store, deleted, silent, emit }),
    cri: dryRunCri(real.cri, gone, emit),
    etcd: madeUp.etcd === true ? madeUpEtcd(added, emit) : dryRunEtcd(real.etcd, gone, emit),
  });
  return {
    directory,
    reported: (event) => reportedInDryRun(event, directory),
    host,
    checkingHost: (emit) => {
      const over = host(emit);
      return { ...over, files: { ...over.files, ...readsOf(real.files) } };
    },
  };
}

/** The reads alone, because the writes of the real files must not reach a phase. */
function readsOf(files: FileReads): FileReads {
  const { read, readText, readUntrusted, stat, lstat, list, realpath, freeSpace } = files;
  return { read, readText, readUntrusted, stat, lstat, list, realpath, freeSpace };
}
