/** The file of an official release for each program, and the place of its published checksum. */
import type { Architecture } from './architecture.ts';
import type { Program } from './catalogue.ts';

export interface Artefact {
  /** The host and path, such as `dl.k8s.io/release/v1.36.2/bin/linux/amd64/kubelet`. */
  readonly location: string;
  /** The host and path of the published checksums. */
  readonly checksums: string;
  /** The program's name in the archive, without a leading `./`; undefined if the file is the program. */
  readonly member: string | undefined;
  /** The checksum that is pinned in the table; undefined if the published one is used. */
  readonly sha256: string | undefined;
  /** The approximate size of an archive. */
  readonly archiveMB: number;
}

/** Undefined for pause and the e2e_kubeadm suite, because no official release file has them. */
export function artefactOf(program: Program, architecture: Architecture): Artefact | undefined {
  const { name, version, family } = program;
  const plain = version.replace(/^v/, '');
  const pinned = { sha256: program.sha256?.[architecture] };
  const github = (project: string, file: string): string =>
    `github.com/${project}/releases/download/${version}/${file}`;
  if (family.module === 'k8s.io/kubernetes') {
    // No release target in hack/lib/golang.sh builds the suite, so the kubernetes-test archive does not have it.
    if (program.kind === 'test') return undefined;
    const location = `dl.k8s.io/release/${version}/bin/linux/${architecture}/${name}`;
    return { location, checksums: `${location}.sha256`, member: undefined, archiveMB: 0, ...pinned };
  }
  if (family.folder === 'etcd') {
    const stem = `etcd-${version}-linux-${architecture}`;
    const location = github('etcd-io/etcd', `${stem}.tar.gz`);
    const checksums = github('etcd-io/etcd', 'SHA256SUMS');
    return { location, checksums, member: `${stem}/${name}`, archiveMB: 25, ...pinned };
  }
  if (family.folder === 'coredns') {
    const location = github('coredns/coredns', `coredns_${plain}_linux_${architecture}.tgz`);
    return { location, checksums: `${location}.sha256`, member: name, archiveMB: 30, ...pinned };
  }
  if (family.folder === 'containerd') {
    // The programs of the other archive need the glibc of the machine that built them.
    const file = `containerd-static-${plain}-linux-${architecture}.tar.gz`;
    const location = github('containerd/containerd', file);
    return { location, checksums: `${location}.sha256sum`, member: `bin/${name}`, archiveMB: 45, ...pinned };
  }
  if (family.folder === 'cni') {
    const location = github(
      'containernetworking/plugins',
      `cni-plugins-linux-${architecture}-${version}.tgz`,
    );
    return { location, checksums: `${location}.sha256`, member: name, archiveMB: 60, ...pinned };
  }
  return undefined;
}
