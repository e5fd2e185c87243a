import type { ClusterConfiguration, ControlPlaneComponent, HostPathMount } from '../../config/hub.ts';
import { caDirectoryCandidates, certificatePaths } from '../../manifests/volumes.ts';
import { controllerManagerConf, kubernetesDir, schedulerConf } from '../../names.ts';
import { type Check, type CheckHost, warn } from '../check.ts';

interface Mounting extends Pick<ControlPlaneComponent, 'extraArgs' | 'extraVolumes'> {
  /** The field of ClusterConfiguration. */
  readonly field: string;
  readonly component: string;
  /** Paths of the manifest, which are the same in the container. */
  readonly own: readonly string[];
}

/** A component writes these files, and can do so inside of its container. */
const written = /log-(?:path|dir|file)$|log-outputs$/;
/** The component cannot start without the file of such an argument. */
const needed = /(?:-file|-config|^config|kubeconfig)$/;
/** The kubelet starts no Pod with a volume of such a type unless the path exists. */
const typesThatMustExist = ['Directory', 'File', 'Socket', 'CharDevice', 'BlockDevice'];

/**
 * Warns of files that extraArgs name and that are not in the container, and of extraVolumes without their path on this
 * machine, because the component does not start without them, and of an API server that refuses the probes of the kubelet.
 * Upstream has no such check.
 */
export function extraArgs(cluster: ClusterConfiguration): Check {
  return {
    name: 'ExtraArgs',
    check: async ({ files }) => {
      const exists = async (path: string): Promise<boolean> =>
        (await files.stat(path).catch(() => undefined)) !== undefined;
      const found = mountings(cluster).flatMap((one) => [
        ...one.extraArgs.map(async (argument) => await faultOfArgument(files, one, argument)),
        ...one.extraVolumes.map(async (volume) =>
          typesThatMustExist.includes(volume.pathType ?? '') && !(await exists(volume.hostPath))
            ? `the hostPath ${volume.hostPath} of the volume ${volume.name} in ${one.field}.extraVolumes does not exist: the ` +
              `kubelet does not start ${one.component} without it`
            : undefined,
        ),
      ]);
      return warn(
        ...(await Promise.all([...found, ...refusedProbes(cluster)])).filter((text) => text !== undefined),
      );
    },
  };
}

/** The probes of the kubelet have no credentials, and the API server answers them with 401. */
function refusedProbes({ apiServer }: ClusterConfiguration): readonly string[] {
  const value = apiServer.extraArgs.findLast(({ name }) => name === 'anonymous-auth')?.value ?? '';
  // Source: Go's strconv.ParseBool.
  if (!/^(?:0|f|F|false|FALSE|False)$/.test(value)) return [];
  return [
    `anonymous-auth=${value} in apiServer.extraArgs lets the probes of kube-apiserver fail (401), so the kubelet ends it again and ` +
      'again, and no node can join with a token: remove it, or allow /livez, /readyz and /healthz for anonymous requests with ' +
      'an AuthenticationConfiguration',
  ];
}

function mountings({
  apiServer,
  certificatesDir,
  controllerManager,
  etcd: { local },
  scheduler,
}: ClusterConfiguration): readonly Mounting[] {
  const shared = certificatePaths(certificatesDir, caDirectoryCandidates).map(({ mount }) => mount.mountPath);
  const conf = (name: string): string => `${kubernetesDir}/${name}`;
  const named = (
    field: string,
    component: string,
    own: readonly string[],
  ): Pick<Mounting, 'field' | 'component' | 'own'> => ({ field, component, own });
  return [
    { ...apiServer, ...named('apiServer', 'kube-apiserver', shared) },
    {
      ...controllerManager,
      ...named('controllerManager', 'kube-controller-manager', [...shared, conf(controllerManagerConf)]),
    },
    { ...scheduler, ...named('scheduler', 'kube-scheduler', [conf(schedulerConf)]) },
    ...(local === undefined
      ? []
      : [
          {
            extraArgs: local.extraArgs,
            extraVolumes: [],
            ...named('etcd.local', 'etcd', [local.dataDir, `${certificatesDir}/etcd`]),
          },
        ]),
  ];
}

async function faultOfArgument(
  files: CheckHost['files'],
  { component, extraVolumes, field, own }: Mounting,
  { name, value }: { readonly name: string; readonly value: string },
): Promise<string | undefined> {
  if (!value.startsWith('/') || written.test(name) || own.some((path) => isIn(path, value))) return undefined;
  const volume = extraVolumes.find(({ mountPath }) => isIn(mountPath, value));
  const path = volume === undefined ? value : pathOnHost(volume, value);
  const kind = (await files.stat(path).catch(() => undefined))?.kind;
  const what = `the file ${value} of ${name} in ${field}.extraArgs`;
  const mount =
    field === 'etcd.local' ? `put it into a directory of etcd` : `mount it with ${field}.extraVolumes`;
  if (volume !== undefined) {
    if (kind !== undefined || !needed.test(name)) return undefined;
    return `${what} does not exist: its volume ${volume.name} needs ${path} on this machine`;
  }
  if (kind === 'file') {
    return `${what} is on this machine, but no volume mounts it into the container of ${component}: ${mount}`;
  }
  if (kind !== undefined || !needed.test(name)) return undefined;
  return `${what} does not exist on this machine, and no volume mounts it into the container of ${component}: create it and ${mount}`;
}

function isIn(directory: string, path: string): boolean {
  const plain = directory.replace(/\/$/, '');
  return path === plain || path.startsWith(`${plain}/`);
}

function pathOnHost({ hostPath: host, mountPath }: HostPathMount, path: string): string {
  return `${host.replace(/\/$/, '')}${path.slice(mountPath.replace(/\/$/, '').length)}`;
}
