import type { KubeadmEvent } from '../../events.ts';

/** Deeds that phases report. In a dry run they are not done, and the host reports what it would do. */
const deeds: ReadonlySet<KubeadmEvent['type']> = new Set<KubeadmEvent['type']>([
  'contents-deleting',
  'directory-unmounting',
  'etcd-data-deleted',
  'etcd-member-added',
  'etcd-member-promoted',
  'files-deleting',
  'kubelet-service-stopping',
  'kubelet-starting',
  'kubelet-stopping',
  'leftovers-removed',
]);

/**
 * The event of a phase as a dry run passes it on. An event that names the folder of the files gets the directory of the
 * dry run, and a wait that does not happen is reported as such. The result is undefined if the event reports a deed that
 * is not done.
 */
export function reportedInDryRun(
  event: KubeadmEvent,
  directory: string | undefined,
): KubeadmEvent | undefined {
  if (deeds.has(event.type)) return undefined;
  switch (event.type) {
    case 'image-pulled':
      return event.present ? event : undefined;
    case 'certificates-complete':
    case 'certificates-directory':
    case 'kubeconfig-directory':
      return directory === undefined ? event : { ...event, directory };
    case 'etcd-health-checking':
      return would('check that the etcd cluster is healthy');
    case 'etcd-member-joining':
      return would('wait for the new etcd member to join the cluster');
    default:
      return event;
  }
}

function would(deed: string): KubeadmEvent {
  return { type: 'progress', topic: 'dryrun', message: `Would ${deed}` };
}
