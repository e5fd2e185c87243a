/** The Kubernetes releases that can be built, one row per minor, with the folder of its go.mod. */
import { releaseOf } from '../src/releases/index.ts';
import { kubeadmVersion } from '../src/versions.ts';
import type { Checksums } from './catalogue.ts';
import { ComponentsError } from './errors.ts';

export interface KubernetesRelease {
  /** The minor, such as `1.36`, which is also the end of the folder's name. */
  readonly minor: string;
  /** The version of the module and of the programs, such as `v1.36.2`. */
  readonly version: string;
  /** The commit of the release's tag, from the module's origin. Undefined if the module proxy does not tell it. */
  readonly commit: string | undefined;
  /** The time of the release's tag. */
  readonly buildDate: string;
  /** The tags of the images that this kubeadm uses. */
  readonly etcdTag: string;
  readonly corednsTag: string;
  readonly pauseTag: string;
  /** The checksums of official release files, by program. Other files are compared with their published checksum. */
  readonly sha256: Readonly<Record<string, Checksums>>;
}

export const releases: readonly KubernetesRelease[] = [
  {
    minor: '1.35',
    version: 'v1.35.4',
    commit: undefined,
    buildDate: '2026-04-15T18:01:22Z',
    ...tagsOf('1.35'),
    sha256: {},
  },
  {
    minor: '1.36',
    version: 'v1.36.2',
    commit: '24e2b02af5543d7910c2bb074c7264df5a8f0467',
    buildDate: '2026-06-11T18:09:07Z',
    ...tagsOf('1.36'),
    sha256: {
      kubelet: {
        amd64: '3ba68cb4f0906053c08ab843131d5cec559cf8c718dbd679950a078b306abbb4',
        arm64: 'b0b45db96f0e6bf996780b8a2b8d868bf538dc7c3a60cf604cf0ea2d65c24b06',
      },
      kubectl: {
        amd64: '1e9045ec32bea85da43de85f0065358529ea7c7a152eca78154fba5b58c27d82',
        arm64: 'c957eb8c4bea27a3bb35b269edd9082e27f027f7b76b20b5bf4afebc726c6d3e',
      },
      kubeadm: {
        amd64: 'f95d1b345f97c673ce1c1347eb96bf2587850975155ae701cdfc629a5b575b70',
        arm64: 'c638f0b4d9b216df8d5bcf41473b81e59143aa0a690392c224e97e6ec91ed3e9',
      },
    },
  },
];

export const defaultRelease = kubeadmVersion;

/**
 * The row for `1.36`, `1.36.2` or `v1.36.2`.
 * @throws ComponentsError that names the known releases.
 */
export function findRelease(wanted: string): KubernetesRelease {
  const plain = wanted.replace(/^v/, '');
  const found = releases.find((release) => plain === release.minor || plain === release.version.slice(1));
  if (found !== undefined) return found;
  throw new ComponentsError(`Kubernetes ${JSON.stringify(wanted)} is not in the table`, {
    hint: `Known: ${releases.map((release) => release.version).join(', ')} (components/releases.ts).`,
  });
}

function tagsOf(minor: string): Pick<KubernetesRelease, 'corednsTag' | 'etcdTag' | 'pauseTag'> {
  const { coredns, etcd, pause } = releaseOf(minor).images;
  return { corednsTag: coredns, etcdTag: etcd, pauseTag: pause };
}
