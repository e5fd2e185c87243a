/** Converts v1beta3 documents to v1beta4. Source: apis/kubeadm/v1beta3/conversion.go. */
import { defined } from '../../lib/defined.ts';
import { defaultTimeouts } from '../defaults.ts';
import type { Timeouts } from '../hub.ts';
import type { Decoded } from '../reading/shape.ts';
import type { RawCluster, RawInit, RawJoin } from '../v1beta4/defaults.ts';
import type { clusterConfiguration, initConfiguration, joinConfiguration } from './shapes.ts';

type Args = { readonly name: string; readonly value: string }[];

export function initToV1beta4({ nodeRegistration, ...rest }: Decoded<typeof initConfiguration>): RawInit {
  return { ...rest, ...defined({ nodeRegistration: nodeRegistration && registration(nodeRegistration) }) };
}

export function joinToV1beta4(old: Decoded<typeof joinConfiguration>): RawJoin {
  const { nodeRegistration, discovery, ...rest } = old;
  const { timeout, ...found } = discovery ?? {};
  return {
    ...rest,
    ...defined({
      nodeRegistration: nodeRegistration && registration(nodeRegistration),
      discovery: discovery && found,
      timeouts: timeout === undefined ? undefined : { discovery: timeout },
    }),
  };
}

/**
 * Converts a ClusterConfiguration. Returns `timeoutForControlPlane` (which has a default) beside it, because the
 * ClusterConfiguration of v1beta4 does not have this field.
 */
export function clusterToV1beta4(old: Decoded<typeof clusterConfiguration>): {
  readonly cluster: RawCluster;
  readonly timeoutForControlPlane: number;
} {
  const { etcd, apiServer, controllerManager, scheduler, ...rest } = old;
  const { timeoutForControlPlane = defaultTimeouts.controlPlaneComponentHealthCheck, ...server } =
    apiServer ?? {};
  const cluster: RawCluster = {
    ...rest,
    ...defined({
      etcd: etcd && defined({ local: etcd.local && withArgs(etcd.local), external: etcd.external }),
      apiServer: apiServer && withArgs(server),
      controllerManager: controllerManager && withArgs(controllerManager),
      scheduler: scheduler && withArgs(scheduler),
    }),
  };
  return { cluster, timeoutForControlPlane };
}

/**
 * Sets the health check timeout of an InitConfiguration or JoinConfiguration to the `timeoutForControlPlane` of a v1beta3
 * ClusterConfiguration in the same file. 0 means not set. The default also means not set, unless `evenDefault` is true.
 */
export function withOldTimeout<T extends { readonly timeouts: Timeouts }>(
  config: T,
  timeout: number | undefined,
  { evenDefault }: { readonly evenDefault: boolean },
): T {
  if (timeout === undefined || timeout === 0) return config;
  if (!evenDefault && timeout === defaultTimeouts.controlPlaneComponentHealthCheck) return config;
  return { ...config, timeouts: { ...config.timeouts, controlPlaneComponentHealthCheck: timeout } };
}

function withArgs<T extends { readonly extraArgs?: Readonly<Record<string, string>> }>(
  old: T,
): Omit<T, 'extraArgs'> & { readonly extraArgs: Args } {
  return { ...old, extraArgs: sorted(old.extraArgs) };
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
