import type { ClusterConfiguration, ControlPlaneComponent } from '../../config/hub.ts';
import { caDirectoryCandidates, certificatePaths } from '../../manifests/volumes.ts';
import { controllerManagerConf, kubernetesDir, schedulerConf } from '../../names.ts';
import { type Check, type CheckHost, warn } from '../check.ts';

const components = [
  ['apiServer', 'kube-apiserver', []],
  ['controllerManager', 'kube-controller-manager', [controllerManagerConf]],
  ['scheduler', 'kube-scheduler', [schedulerConf]],
] as const;

/** A component writes these files, and can do so inside of its container. */
const written = /log-(?:path|dir|file)$/;

/**
 * Warns of files on this machine that extraArgs name and no volume mounts into the container, because the component ends
 * without them. Upstream has no such check.
 */
export function extraArgs(cluster: ClusterConfiguration): Check {
  return {
    name: 'ExtraArgs',
    check: async (host) => {
      const found = components.map(async ([field, component, own]) =>
        (await unmounted(host, cluster, { ...cluster[field], own })).map(
          ({ name, path }) =>
            `the file ${path} of ${name} in ${field}.extraArgs is on this machine, but no volume mounts it into the ` +
            `container of ${component}: mount it with ${field}.extraVolumes`,
        ),
      );
      return warn(...(await Promise.all(found)).flat());
    },
  };
}

interface Mounting extends Pick<ControlPlaneComponent, 'extraArgs' | 'extraVolumes'> {
  /** Names of kubeconfigs that the manifest mounts. */
  readonly own: readonly string[];
}

async function unmounted(
  { files }: CheckHost,
  { certificatesDir }: ClusterConfiguration,
  { extraArgs: args, extraVolumes, own }: Mounting,
): Promise<readonly { readonly name: string; readonly path: string }[]> {
  const mounts = [
    ...certificatePaths(certificatesDir, caDirectoryCandidates).map(({ mount }) => mount.mountPath),
    ...own.map((name) => `${kubernetesDir}/${name}`),
    ...extraVolumes.map(({ mountPath }) => mountPath.replace(/\/$/, '')),
  ];
  const isMounted = (path: string): boolean =>
    mounts.some((mount) => path === mount || path.startsWith(`${mount}/`));
  const named = args
    .filter(({ name, value }) => value.startsWith('/') && !written.test(name) && !isMounted(value))
    .map(async ({ name, value }) => {
      const stat = await files.stat(value).catch(() => undefined);
      return stat?.kind === 'file' ? [{ name, path: value }] : [];
    });
  return (await Promise.all(named)).flat();
}
