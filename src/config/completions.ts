/** Values that depend on the machine or the network. A run that continues uses the values of its first try. */
import type { NetReads } from '../host.ts';
import type { ClusterConfiguration, InitConfiguration } from './hub.ts';

type Completed = 'advertiseAddress' | 'criSocket' | 'kubernetesVersion' | 'nodeName';

/**
 * The values that the user configured, such as a label or an unspecified address, and the values that kubeadm chose for
 * them. `given` is empty if the user configured nothing.
 */
export type Completions = Readonly<Record<Completed, { readonly given: string; readonly value: string }>>;

interface Config {
  readonly init: InitConfiguration;
  readonly cluster: ClusterConfiguration;
}

/**
 * Sets the values of the first try for each field that is configured as it was then. Without this a label could resolve
 * to another release, or not at all. If the machine no longer has the address, this does not set it.
 */
export async function withKept(
  { net }: { readonly net: NetReads },
  config: Config,
  kept: Completions | undefined,
): Promise<Config> {
  if (kept === undefined) return config;
  const now = valuesOf(config);
  const value = (field: Completed): string =>
    kept[field].given === now[field] ? kept[field].value : now[field];
  const { cluster, init } = config;
  const address = value('advertiseAddress');
  const addresses = (await net.interfaces()).flatMap((networkInterface) => networkInterface.addresses);
  const isOwn = addresses.some((text) => text.split('/')[0] === address);
  return {
    init: {
      ...init,
      nodeRegistration: { ...init.nodeRegistration, name: value('nodeName'), criSocket: value('criSocket') },
      localAPIEndpoint: {
        ...init.localAPIEndpoint,
        advertiseAddress: isOwn ? address : now.advertiseAddress,
      },
    },
    cluster: { ...cluster, kubernetesVersion: value('kubernetesVersion') },
  };
}

/** @param given the configuration before any value was completed */
export function completionsOf(given: Config, complete: Config): Completions {
  const before = valuesOf(given);
  const after = valuesOf(complete);
  const of = (field: Completed) => ({ given: before[field], value: after[field] });
  return {
    advertiseAddress: of('advertiseAddress'),
    criSocket: of('criSocket'),
    kubernetesVersion: of('kubernetesVersion'),
    nodeName: of('nodeName'),
  };
}

function valuesOf({ cluster, init }: Config): Readonly<Record<Completed, string>> {
  return {
    advertiseAddress: init.localAPIEndpoint.advertiseAddress,
    criSocket: init.nodeRegistration.criSocket,
    // The CI version is kept, because its images have another repository.
    kubernetesVersion: cluster.ciKubernetesVersion || cluster.kubernetesVersion,
    nodeName: init.nodeRegistration.name,
  };
}
