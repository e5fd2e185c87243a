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
]);

/**
 * The event of a phase as a dry run passes it on. An event that names the folder of the files gets the directory of the
 * dry run. The result is undefined if the event reports a deed that is not done.
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
    default:
      return event;
  }
}
