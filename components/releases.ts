/** The Kubernetes releases that can be built: one row per minor, with the folder of its go.mod. */
import { ComponentsError } from './errors.ts';

export interface KubernetesRelease {
  /** `1.36`; also the end of the folder's name. */
  readonly minor: string;
  /** `v1.36.2`: the module's version and what the programs say they are. */
  readonly version: string;
  /** Commit and time of the release's tag, as the module's origin names them. */
  readonly commit: string;
  readonly buildDate: string;
  /** Tags of the images that this minor's kubeadm asks for. */
  readonly etcdTag: string;
  readonly corednsTag: string;
  readonly pauseTag: string;
}

export const releases: readonly KubernetesRelease[] = [
  {
    minor: '1.36',
    version: 'v1.36.2',
    commit: '24e2b02af5543d7910c2bb074c7264df5a8f0467',
    buildDate: '2026-06-11T18:09:07Z',
    etcdTag: '3.6.8-0',
    corednsTag: 'v1.14.2',
    pauseTag: '3.10.2',
  },
];

export const defaultRelease = 'v1.36.2';

/**
 * The row for `1.36`, `1.36.2` or `v1.36.2`.
 * @throws ComponentsError naming the known releases.
 */
export function findRelease(wanted: string): KubernetesRelease {
  const plain = wanted.replace(/^v/, '');
  const found = releases.find((release) => plain === release.minor || plain === release.version.slice(1));
  if (found !== undefined) return found;
  throw new ComponentsError(`Kubernetes ${JSON.stringify(wanted)} is not in the table`, {
    hint: `Known: ${releases.map((release) => release.version).join(', ')} (components/releases.ts).`,
  });
}
