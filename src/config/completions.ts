/** Values that machine or network complete. A run that is taken up again has them as its first try had. */
import type { NetReads } from '../host.ts';
import type { ClusterConfiguration, InitConfiguration } from './hub.ts';

type Completed = 'advertiseAddress' | 'criSocket' | 'kubernetesVersion' | 'nodeName';

/** What the user gave (a label, an unspecified address; empty: nothing), and what came of it. */
export type Completions = Readonly<Record<Completed, { readonly given: string; readonly value: string }>>;

interface Config {
  readonly init: InitConfiguration;
  readonly cluster: ClusterConfiguration;
}

/**
 * Puts the values of the first try where the same was given as then: a label would be asked for again, and get
 * another answer, or none. An address that the machine no longer has is chosen anew.
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
  const own = (await net.interfaces()).flatMap(({ addresses }) => addresses);
  const isOwn = own.some((text) => text.split('/')[0] === address);
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

/** @param given before anything was completed */
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
    // A CI build stays one: its images have another repository.
    kubernetesVersion: cluster.ciKubernetesVersion || cluster.kubernetesVersion,
    nodeName: init.nodeRegistration.name,
  };
}
