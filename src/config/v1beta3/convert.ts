/** v1beta3 documents as v1beta4 ones (apis/kubeadm/v1beta3/conversion.go). */
import type { Decoded } from '../reading/shape.ts';
import type { RawCluster, RawInit, RawJoin } from '../v1beta4/defaults.ts';
import type { clusterConfiguration, initConfiguration, joinConfiguration } from './shapes.ts';

type Args = { readonly name: string; readonly value: string }[];

export function initToV1beta4(old: Decoded<typeof initConfiguration>): RawInit {
  const { nodeRegistration, ...rest } = old;
  return {
    ...rest,
    ...(nodeRegistration === undefined ? {} : { nodeRegistration: registration(nodeRegistration) }),
  };
}

export function joinToV1beta4(old: Decoded<typeof joinConfiguration>): RawJoin {
  const { nodeRegistration, discovery, ...rest } = old;
  const { timeout, ...found } = discovery ?? {};
  return {
    ...rest,
    ...(nodeRegistration === undefined ? {} : { nodeRegistration: registration(nodeRegistration) }),
    ...(discovery === undefined ? {} : { discovery: found }),
    ...(timeout === undefined ? {} : { timeouts: { discovery: timeout } }),
  };
}

/** `timeoutForControlPlane` has no place in v1beta4's ClusterConfiguration and comes beside it; default 4m. */
export function clusterToV1beta4(old: Decoded<typeof clusterConfiguration>): {
  readonly cluster: RawCluster;
  readonly timeoutForControlPlane: number;
} {
  const { etcd, apiServer, controllerManager, scheduler, ...rest } = old;
  const { timeoutForControlPlane = 240_000, ...server } = apiServer ?? {};
  const local = etcd?.local;
  const cluster: RawCluster = {
    ...rest,
    ...(etcd === undefined
      ? {}
      : {
          etcd: {
            ...(local === undefined ? {} : { local: { ...local, extraArgs: sorted(local.extraArgs) } }),
            ...(etcd.external === undefined ? {} : { external: etcd.external }),
          },
        }),
    ...(apiServer === undefined ? {} : { apiServer: { ...server, extraArgs: sorted(server.extraArgs) } }),
    ...(controllerManager === undefined
      ? {}
      : { controllerManager: { ...controllerManager, extraArgs: sorted(controllerManager.extraArgs) } }),
    ...(scheduler === undefined
      ? {}
      : { scheduler: { ...scheduler, extraArgs: sorted(scheduler.extraArgs) } }),
  };
  return { cluster, timeoutForControlPlane };
}

function registration(
  old: NonNullable<Decoded<typeof initConfiguration>['nodeRegistration']>,
): NonNullable<RawInit['nodeRegistration']> {
  return { ...old, kubeletExtraArgs: sorted(old.kubeletExtraArgs) };
}

function sorted(args: Readonly<Record<string, string>> = {}): Args {
  return Object.entries(args)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
