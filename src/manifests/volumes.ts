/** Host paths that static Pods mount. Source: cmd/kubeadm/app/phases/controlplane/volumes.go. */
import type { ExternalEtcd, HostPathMount } from '../config/hub.ts';
import { directoryOf } from '../lib/join-path.ts';
import type { Volume, VolumeMount } from './pod.ts';

export interface HostPath {
  readonly volume: Volume;
  readonly mount: VolumeMount;
}

const caCertificatesDirectory = '/etc/ssl/certs';

/** Links in /etc/ssl/certs may point into these directories. Each existing one is mounted. */
export const caDirectoryCandidates = [
  '/etc/pki/ca-trust',
  '/etc/pki/tls/certs',
  '/etc/ca-certificates',
  '/usr/share/ca-certificates',
  '/usr/local/share/ca-certificates',
] as const;

/** A directory or file that has the same path on the node and in the container. */
export function hostPath(
  name: string,
  path: string,
  options: { readonly type?: 'DirectoryOrCreate' | 'FileOrCreate'; readonly readOnly?: boolean } = {},
): HostPath {
  const { type = 'DirectoryOrCreate', readOnly = true } = options;
  return mounted({ name, hostPath: path, mountPath: path, readOnly, pathType: type });
}

/** The volumes of both kube-apiserver and kube-controller-manager: certificates of Kubernetes and of the system. */
export function certificatePaths(
  certificatesDir: string,
  caDirectories: readonly string[],
): readonly HostPath[] {
  return [
    hostPath('k8s-certs', certificatesDir),
    hostPath('ca-certs', caCertificatesDirectory),
    ...caDirectories.map((path) => hostPath(path.slice(1).replaceAll('/', '-'), path)),
  ];
}

/** The directories with files for an external etcd, unless another volume contains them. */
export function externalEtcdPaths(etcd: ExternalEtcd, certificatesDir: string): readonly HostPath[] {
  const covered = [...caDirectoryCandidates, caCertificatesDirectory, certificatesDir];
  const kept = new Set<string>();
  for (const file of [etcd.caFile, etcd.certFile, etcd.keyFile]) {
    const directory = directoryOf(file);
    if (directory === '.' || covered.some((prefix) => directory.startsWith(prefix))) continue;
    const parentIsThere = [...kept].some(
      (other) => !other.startsWith(directory) && directory.startsWith(other),
    );
    const below = [...kept].filter((other) => other.startsWith(directory));
    for (const other of below) kept.delete(other);
    if (!parentIsThere) kept.add(directory);
  }
  return [...kept].toSorted().map((directory, index) => hostPath(`etcd-certs-${index}`, directory));
}

/** Replaces volumes with those of the same name in the user's configuration. */
export function withExtraVolumes(
  paths: readonly HostPath[],
  extra: readonly HostPathMount[],
): readonly HostPath[] {
  const byName = new Map(paths.map((path) => [path.volume.name, path]));
  for (const volume of extra) byName.set(volume.name, mounted(volume));
  return [...byName.values()];
}

/** Sorts by name, as Go does for a map. */
export function sortedVolumes(paths: readonly HostPath[]): {
  readonly volumes: readonly Volume[];
  readonly volumeMounts: readonly VolumeMount[];
} {
  const sorted = paths.toSorted((a, b) => (a.volume.name < b.volume.name ? -1 : 1));
  return { volumes: sorted.map(({ volume }) => volume), volumeMounts: sorted.map(({ mount }) => mount) };
}

function mounted(mount: HostPathMount): HostPath {
  return {
    volume: { name: mount.name, hostPath: { path: mount.hostPath, type: mount.pathType ?? '' } },
    mount: {
      name: mount.name,
      mountPath: mount.mountPath,
      ...(mount.readOnly === true ? { readOnly: true as const } : {}),
    },
  };
}
