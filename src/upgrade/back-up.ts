/** The folders that keep what an upgrade replaces. Source: cmd/kubeadm/app/constants, CreateTimestampDir. */
import type { Clock } from '../host.ts';
import { temporaryDir } from '../names.ts';

export interface BackUps {
  /** The earlier manifests. */
  readonly manifests: string;
  /** The data of etcd. */
  readonly etcd: string;
  /** The earlier configuration of the kubelet. */
  readonly kubelet: string;
}

/** The names have the local time of the machine. The folders are made when something is put into them. */
export function backUpFolders(clock: Clock, at: Date): BackUps {
  const local = new Date(at.getTime() + clock.offsetMinutes(at) * 60_000);
  const stamp = local.toISOString().slice(0, 19).replaceAll(/[T:]/g, '-');
  const folder = (what: string): string => `${temporaryDir}/kubeadm-${what}-${stamp}`;
  return {
    manifests: folder('backup-manifests'),
    etcd: folder('backup-etcd'),
    kubelet: folder('kubelet-config'),
  };
}
