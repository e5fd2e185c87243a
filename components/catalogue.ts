/** Every program of a node, with its version, its source and the sets that need it. */
import type { Architecture } from './architecture.ts';
import type { KubernetesRelease } from './releases.ts';

/** `node` has the programs of a node, `compare` upstream's kubeadm, and `suite` upstream's e2e_kubeadm tests. */
export const setNames = ['node', 'compare', 'suite', 'all'] as const;
export type SetName = (typeof setNames)[number];

export const nodePrograms = [
  'kubelet',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubectl',
  'etcd',
  'etcdctl',
  'etcdutl',
  'coredns',
  'containerd',
  'containerd-shim-runc-v2',
  'ctr',
  'bridge',
  'loopback',
  'ptp',
  'host-local',
  'portmap',
  'pause',
] as const;
export type NodeProgram = (typeof nodePrograms)[number];
export type ProgramName = NodeProgram | 'kubeadm' | 'e2e_kubeadm.test';

/** The names of each set's programs. */
export interface ProgramsOf {
  readonly node: NodeProgram;
  readonly compare: 'kubeadm';
  readonly suite: 'e2e_kubeadm.test';
  readonly all: ProgramName;
}

/** A folder with a go.mod and a go.sum, which pin all sources of its programs. */
export interface GoFamily {
  readonly folder: string;
  /** Undefined if the folder has the program's own source. */
  readonly module: string | undefined;
  readonly version: string;
  /** The approximate size of a cold build in Go's module cache and build cache, in MB. */
  readonly modulesMB: number;
  readonly buildMB: number;
  /** The checksum of the official release's archive. Without it, the published one is used. */
  readonly sha256?: Checksums;
}

/** The SHA-256 in hex of a release's file, for each processor. */
export type Checksums = Readonly<Partial<Record<Architecture, string>>>;

export interface Program {
  readonly name: ProgramName;
  readonly version: string;
  readonly family: GoFamily;
  /** The import path. */
  readonly package: string;
  /** `go build`, or `go test -c` for a test program. */
  readonly kind: 'program' | 'test';
  /** String variables that are set at link time, by import path and name. */
  readonly variables: Readonly<Record<string, string>>;
  /** The checksum of the official release's file that is or contains the program. */
  readonly sha256?: Checksums | undefined;
  /** The approximate size of the output in MB. */
  readonly sizeMB: number;
}

const etcd: GoFamily = {
  folder: 'etcd',
  module: 'go.etcd.io/etcd/server/v3',
  version: 'v3.6.8',
  modulesMB: 100,
  buildMB: 200,
  sha256: {
    amd64: 'cf9cfe91a4856cb90eed9c99e6aee4b708db2c7888b88a6f116281f04b0ea693',
    arm64: '438f56a700d17ce761510a3e63e6fa5c1d587b2dd4d7a22c179c09a649366760',
  },
};
const coredns: GoFamily = {
  folder: 'coredns',
  module: 'github.com/coredns/coredns',
  version: 'v1.14.2',
  modulesMB: 900,
  buildMB: 1200,
};
const containerd: GoFamily = {
  folder: 'containerd',
  module: 'github.com/containerd/containerd/v2',
  version: 'v2.1.9',
  modulesMB: 300,
  buildMB: 500,
  // This is the checksum of the statically linked archive.
  sha256: {
    amd64: 'd52dec99dd13e63c6a24f292936c15f929ad826be1ce39d7a77a3d840b1a2299',
    arm64: 'f0e77d2bd29c6a4a463c593b3e9e39ce31b830ff572aba98ea544aa3b8f08be7',
  },
};
const cni: GoFamily = {
  folder: 'cni',
  module: 'github.com/containernetworking/plugins',
  version: 'v1.9.1',
  modulesMB: 30,
  buildMB: 100,
  sha256: {
    amd64: 'b98f74a0f8522f0a83867178729c1aa70f2158f90c45a2ca8fa791db1c76b303',
    arm64: '56171987d3947707c3563db2f4001bccaf50fd63468611b9f3cbecb1375ee7ec',
  },
};

/** All programs for one release of Kubernetes in build order. The one that takes longest comes first. */
export function catalogue(release: KubernetesRelease): readonly Program[] {
  return [
    ...kubernetesPrograms(release),
    ...etcdPrograms(),
    program(coredns, 'coredns', 'github.com/coredns/coredns', 80),
    ...containerdPrograms(),
    ...cniPrograms(),
    program(pauseFamily(release), 'pause', '.', 2, {
      variables: { 'main.version': release.pauseTag },
    }),
  ];
}

/** The programs of a set, in build order. */
export function programsOfSet(release: KubernetesRelease, set: SetName): readonly Program[] {
  return catalogue(release).filter((entry) => set === 'all' || set === setOf(entry.name));
}

/** The smallest set that holds a program. */
export function setOf(name: ProgramName): 'node' | 'compare' | 'suite' {
  if (name === 'kubeadm') return 'compare';
  return name === 'e2e_kubeadm.test' ? 'suite' : 'node';
}

function kubernetesPrograms(release: KubernetesRelease): readonly Program[] {
  const family: GoFamily = {
    folder: `kubernetes-${release.minor}`,
    module: 'k8s.io/kubernetes',
    version: release.version,
    modulesMB: 1300,
    buildMB: 2600,
  };
  const variables = kubernetesVariables(release);
  const command = (name: ProgramName, sizeMB: number): Program =>
    program(family, name, `k8s.io/kubernetes/cmd/${name}`, sizeMB, {
      variables,
      sha256: release.sha256[name],
    });
  return [
    command('kubelet', 84),
    command('kube-apiserver', 105),
    command('kube-controller-manager', 95),
    command('kube-scheduler', 73),
    command('kube-proxy', 71),
    command('kubectl', 60),
    command('kubeadm', 73),
    program(family, 'e2e_kubeadm.test', 'k8s.io/kubernetes/test/e2e_kubeadm', 80, {
      variables,
      kind: 'test',
    }),
  ];
}

/** The version of the component and client-go's user agent, as upstream's hack/lib/version.sh sets them. */
function kubernetesVariables(release: KubernetesRelease): Readonly<Record<string, string>> {
  const [major = '', minor = ''] = release.minor.split('.');
  const values: Readonly<Record<string, string>> = {
    gitVersion: release.version,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: 'clean',
    ...(release.commit === undefined ? {} : { gitCommit: release.commit }),
    buildDate: release.buildDate,
  };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  return Object.fromEntries(
    packages.flatMap((path) => Object.entries(values).map(([name, value]) => [`${path}.${name}`, value])),
  );
}

function etcdPrograms(): readonly Program[] {
  return [
    program(etcd, 'etcd', 'go.etcd.io/etcd/server/v3', 27),
    program(etcd, 'etcdctl', 'go.etcd.io/etcd/etcdctl/v3', 18),
    program(etcd, 'etcdutl', 'go.etcd.io/etcd/etcdutl/v3', 17),
  ];
}

function containerdPrograms(): readonly Program[] {
  const module = 'github.com/containerd/containerd/v2';
  const variables = { [`${module}/version.Version`]: containerd.version };
  return [
    program(containerd, 'containerd', `${module}/cmd/containerd`, 41, { variables }),
    program(containerd, 'containerd-shim-runc-v2', `${module}/cmd/containerd-shim-runc-v2`, 15, {
      variables,
    }),
    program(containerd, 'ctr', `${module}/cmd/ctr`, 22, { variables }),
  ];
}

function cniPrograms(): readonly Program[] {
  const module = 'github.com/containernetworking/plugins';
  const variables = { [`${module}/pkg/utils/buildversion.BuildVersion`]: cni.version };
  const plugins: readonly (readonly [ProgramName, string])[] = [
    ['bridge', 'main/bridge'],
    ['loopback', 'main/loopback'],
    ['ptp', 'main/ptp'],
    ['host-local', 'ipam/host-local'],
    ['portmap', 'meta/portmap'],
  ];
  return plugins.map(([name, path]) => program(cni, name, `${module}/plugins/${path}`, 4, { variables }));
}

function pauseFamily(release: KubernetesRelease): GoFamily {
  return { folder: 'pause', module: undefined, version: release.pauseTag, modulesMB: 0, buildMB: 30 };
}

function program(
  family: GoFamily,
  name: ProgramName,
  path: string,
  sizeMB: number,
  more: {
    variables?: Readonly<Record<string, string>>;
    kind?: Program['kind'];
    sha256?: Checksums | undefined;
  } = {},
): Program {
  return {
    name,
    version: family.version,
    family,
    package: path,
    kind: more.kind ?? 'program',
    variables: more.variables ?? {},
    sha256: more.sha256 ?? family.sha256,
    sizeMB,
  };
}
