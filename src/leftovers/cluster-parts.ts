/** The parts of the cluster that every reset removes, and that the proof of `reset --all` looks for again. */
import { CriError, isNotFound } from '../errors.ts';
import type { FileReads } from '../host.ts';
import { mountPoints } from '../kubelet/unmount.ts';
import { joinPath } from '../lib/join-path.ts';
import { defaultEtcdDataDir, kubeconfigFiles, kubeletDir, kubernetesDir, manifestsDir } from '../names.ts';
import { type Item, type SearchHost, search } from './search.ts';

export const kubelet = search<undefined>({
  kind: 'kubelet',
  lookedFor: 'a running service kubelet',
  find: async ({ files, services }, { signal }) => {
    const kept = await keptSettings(files);
    if ((await services.initSystem()) === undefined) {
      return { items: [], kept, notSearched: 'there is no init system that kubeadm knows' };
    }
    const active = await services.isActive('kubelet', signal);
    return { items: active ? [named('kubelet', 'the service runs')] : [], kept };
  },
});

export const pods = search<undefined>({
  kind: 'pod',
  lookedFor: 'Pod sandboxes of the container runtime',
  find: async ({ cri, files }, { criSocket }) => {
    const client = cri(criSocket);
    try {
      const sandboxes = await client.podSandboxes();
      return {
        items: sandboxes.map(({ id, name, namespace }) =>
          named(`${namespace}/${name}`, `the sandbox ${id.slice(0, 13)}`),
        ),
      };
    } catch (error) {
      const path = criSocket.replace(/^unix:\/\//, '');
      if (!(error instanceof CriError) || (await files.stat(path)) !== undefined) throw error;
      return { items: [], notSearched: `there is no container runtime at ${path}` };
    } finally {
      client.close();
    }
  },
});

export const mounts = search<undefined>({
  kind: 'mount',
  lookedFor: `mounts below ${kubeletDir}`,
  find: async (host) => {
    const below = `${await realKubeletDir(host)}/`;
    const points = mountPoints(await host.files.readText('/proc/mounts'));
    return {
      items: points
        .filter((path) => path.startsWith(below))
        .map((path) => named(path, 'a mount of the kubelet')),
    };
  },
});

export const clusterFiles = search<undefined>({
  kind: 'file',
  lookedFor: 'manifests, certificates, kubeconfigs of components, and files of the kubelet',
  find: async (host, { certificatesDir }) => {
    const { files } = host;
    const paths: string[] = [];
    for (const directory of [manifestsDir, certificatesDir, await realKubeletDir(host)]) {
      for (const name of (await files.list(directory)) ?? []) {
        paths.push(joinPath(directory, name));
      }
    }
    for (const file of kubeconfigFiles) {
      const path = joinPath(kubernetesDir, file);
      if ((await files.lstat(path)) !== undefined) paths.push(path);
    }
    return { items: paths.map((path) => named(path, 'a file of the cluster')) };
  },
});

export const etcdData = search<undefined>({
  kind: 'etcd-data',
  lookedFor: "data of this node's etcd member",
  find: async ({ files }, { etcdDataDir }) => {
    const directory = etcdDataDir ?? defaultEtcdDataDir;
    const names = (await files.list(directory)) ?? [];
    if (names.length === 0) return { items: [] };
    if (etcdDataDir !== undefined)
      return { items: [named(directory, `it still has ${names.slice(0, 5).join(', ')}`)] };
    return {
      items: [],
      kept: [{ name: directory, reason: 'nothing shows that kubeadm made the data in it' }],
    };
  },
});

/**
 * Settings of the kernel and the values that the kubelet and kube-proxy give them. Sources: pkg/kubelet/cm,
 * setupKernelTunables; pkg/proxy/apis/config/v1alpha1/defaults.go.
 */
const kernelSettings: readonly (readonly [path: string, value: string])[] = [
  ['vm/overcommit_memory', '1'],
  ['kernel/panic', '10'],
  ['kernel/panic_on_oops', '1'],
  ['kernel/keys/root_maxkeys', '1000000'],
  ['kernel/keys/root_maxbytes', '25000000'],
  ['net/netfilter/nf_conntrack_tcp_timeout_established', '86400'],
  ['net/netfilter/nf_conntrack_tcp_timeout_close_wait', '3600'],
];

/** The values before the cluster are not known. */
async function keptSettings(
  files: FileReads,
): Promise<readonly { readonly name: string; readonly reason: string }[]> {
  const changed: string[] = [];
  for (const [path, value] of kernelSettings) {
    const current = await files.readText(`/proc/sys/${path}`).catch(() => '');
    if (current.trim() === value) changed.push(`${path.replaceAll('/', '.')} = ${value}`);
  }
  if (changed.length === 0) return [];
  const reason =
    'the kubelet and kube-proxy may have set them, and they last until the next start of the machine';
  return [{ name: changed.join(', '), reason }];
}

function named(name: string, reason: string): Item<undefined> {
  return { name, reason, handle: undefined };
}

async function realKubeletDir({ files }: SearchHost): Promise<string> {
  return await files.realpath(kubeletDir).catch((error: unknown) => {
    if (isNotFound(error)) return kubeletDir;
    throw error;
  });
}
