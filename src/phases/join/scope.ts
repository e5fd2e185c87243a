/** Values about the cluster that the phases of `join` share. Each is made on first use. */
import type { KubeClient } from '../../clients/kube/kube-client.ts';
import { type ClientContext, closedOnAbort } from '../../cluster/client.ts';
import { fetchJoinedCluster } from '../../cluster/join-configuration.ts';
import type { InitFamilyConfig } from '../../config/hub.ts';
import { discover } from '../../discovery/discover.ts';
import type { Host } from '../../host.ts';
import type { Kubeconfig } from '../../kubeconfig/kubeconfig.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { defaultCertificatesDir } from '../../names.ts';
import { createRunScope, once, type RunScope } from '../run-scope.ts';
import { discoveryInDryRun } from './discovery-in-dry-run.ts';
import type { JoinInput } from './input.ts';

export interface JoinScope extends RunScope {
  /** The kubeconfig for the TLS bootstrap. The discovery happens on the first call. */
  readonly discovered: (context: ClientContext) => Promise<Kubeconfig>;
  /** The configuration of the cluster, with the node and the endpoint of the join configuration in it. */
  readonly cluster: (context: ClientContext) => Promise<InitFamilyConfig>;
  /** A client with the credentials of the TLS bootstrap. The run closes it. */
  readonly bootstrapClient: (context: ClientContext) => Promise<KubeClient>;
}

/** The facts about the cluster. A dry run has a scope for each phase, and all of them share these facts. */
export interface ClusterFacts {
  readonly discovered: (host: Host, context: ClientContext) => Promise<Kubeconfig>;
  readonly cluster: (host: Host, client: KubeClient, context: ClientContext) => Promise<InitFamilyConfig>;
}

export function createClusterFacts({ credentials, join, options }: JoinInput): ClusterFacts {
  const { discovery, timeouts } = join;
  return {
    discovered: once(async (host: Host, context: ClientContext) => {
      if (credentials !== undefined) return await loadKubeconfig(host, credentials);
      const used = options.isDryRun ? await discoveryInDryRun(host, discovery, context) : discovery;
      return await discover(host, { discovery: used, timeouts }, context);
    }),
    cluster: once(async (host: Host, client: KubeClient, context: ClientContext) => {
      const fetched = await closedOnAbort(client, context.signal, () =>
        fetchJoinedCluster(host, client, join, context),
      );
      if (!options.isDryRun) return fetched;
      // The directory of a dry run stands for the default directory.
      return { ...fetched, cluster: { ...fetched.cluster, certificatesDir: defaultCertificatesDir } };
    }),
  };
}

/** Creates the scope of a run, or of one phase of a dry run. */
export function createJoinScope(host: Host, { paths }: JoinInput, facts: ClusterFacts): JoinScope {
  const discovered = async (context: ClientContext): Promise<Kubeconfig> =>
    await facts.discovered(host, context);
  const bootstrap = createRunScope(async (context) => host.kube(await discovered(context)));
  const admin = createRunScope(async () => host.kube(await loadKubeconfig(host, paths.kubeconfig)));
  return {
    discovered,
    cluster: async (context) => await facts.cluster(host, await bootstrap.client(context), context),
    bootstrapClient: bootstrap.client,
    client: admin.client,
    close: () => {
      bootstrap.close();
      admin.close();
    },
  };
}
