/** The images of a node with the names that kubeadm uses, and the programs and files of each. */
import type { NodeProgram } from './catalogue.ts';
import { busyboxEntries, kubeProxyEntries } from './debian-files.ts';
import type { ImageEntry, ImageSpec } from './image.ts';
import type { KubernetesRelease } from './releases.ts';

/** A Pod image for tests with a shell, nslookup, wget and httpd. No registry has it, so nothing is ever pulled. */
export const testImage = 'localhost/kubeadm-lab/busybox:1';

/** A program in the cache, and the key that represents its bytes. */
export interface KeyedProgram {
  readonly path: string;
  readonly key: string;
  /** The arguments that it is started with. */
  readonly arguments: readonly string[];
}

/** Debian's packages must be installed, because the files of kube-proxy and busybox are read from this machine. */
export async function imageSpecs(
  release: KubernetesRelease,
  programs: (name: NodeProgram) => KeyedProgram,
): Promise<readonly ImageSpec[]> {
  const file = (name: NodeProgram, path = `/usr/local/bin/${name}`): ImageEntry => {
    const { path: source, key } = programs(name);
    return { type: 'file', path, mode: 0o755, source, identity: key };
  };
  const controlPlane = (name: NodeProgram, more: readonly ImageEntry[] = []): ImageSpec => ({
    reference: `registry.k8s.io/${name}:${release.version}`,
    entries: [...base, file(name), ...more],
    command: [name],
  });
  return [
    controlPlane('kube-apiserver'),
    controlPlane('kube-controller-manager'),
    controlPlane('kube-scheduler'),
    controlPlane('kube-proxy', await kubeProxyEntries()),
    {
      reference: `registry.k8s.io/etcd:${release.etcdTag}`,
      entries: [...base, file('etcd'), file('etcdctl'), file('etcdutl')],
      command: ['etcd'],
    },
    {
      // Its Deployment has arguments only, so the program is the entrypoint.
      reference: `registry.k8s.io/coredns/coredns:${release.corednsTag}`,
      entries: [...base, file('coredns', '/coredns')],
      entrypoint: ['/coredns'],
    },
    {
      reference: `registry.k8s.io/pause:${release.pauseTag}`,
      entries: [file('pause', '/pause')],
      entrypoint: ['/pause', ...programs('pause').arguments],
      user: '65535:65535',
    },
    { reference: testImage, entries: [...base, ...(await busyboxEntries())], command: ['sh'] },
  ];
}

const base: readonly ImageEntry[] = [
  {
    type: 'content',
    path: '/etc/passwd',
    content: 'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n',
  },
  { type: 'content', path: '/etc/group', content: 'root:x:0:\nnogroup:x:65534:\n' },
  { type: 'content', path: '/etc/nsswitch.conf', content: 'hosts: files dns\n' },
  { type: 'directory', path: '/root', mode: 0o700 },
  { type: 'directory', path: '/tmp', mode: 0o1777 },
];
