/**
 * The checks of faults that upstream only finds when a component does not start. They never fail, but warn, because
 * upstream goes on.
 */
import type { InitFamilyConfig, NodeRegistration } from '../config/hub.ts';
import type { Check } from './check.ts';
import { advertiseAddress } from './checks/advertise-address.ts';
import { extraArgs } from './checks/extra-args.ts';
import { kubeletArguments } from './checks/kubelet-arguments.ts';
import { loopback } from './checks/loopback.ts';
import { lowLevelRuntime } from './checks/low-level-runtime.ts';
import { fileSystem, givenCertificates, manifestDuplicates } from './checks/machine-faults.ts';
import { nodeIp } from './checks/node-ip.ts';
import { portOfEtcdMetrics } from './checks/port-of-etcd-metrics.ts';
import { resolvConf } from './checks/resolv-conf.ts';
import { serviceAccountKeys } from './checks/service-account-keys.ts';

export interface OwnNodeProfile {
  readonly node: NodeRegistration;
  /** The KubeletConfiguration; undefined if it is not known yet. */
  readonly kubelet?: InitFamilyConfig['kubelet'];
  /** Whether patches will change what the configuration has. */
  readonly isPatched: boolean;
  /** Directories of this node that not every node writes to. */
  readonly directories: readonly string[];
}

/** The checks of every new node. The kubelet is only asked about what the user has configured. */
export function ownNodeChecks({ directories, isPatched, kubelet, node }: OwnNodeProfile): readonly Check[] {
  const data = isPatched ? undefined : kubelet?.data;
  const isAsked = node.kubeletExtraArgs.length > 0 || (data !== undefined && kubelet?.userSupplied === true);
  return [
    loopback,
    lowLevelRuntime(node.criSocket),
    fileSystem(directories),
    nodeIp(node),
    ...(isAsked ? [kubeletArguments({ node, data })] : []),
    ...(data === undefined ? [] : [resolvConf(data)]),
  ];
}

export type OwnControlPlaneProfile = Pick<InitFamilyConfig, 'cluster' | 'init' | 'release'> & {
  /** Set if a run that did not end is taken up. */
  readonly unfinished?: object | undefined;
};

/** The checks of every new control plane. */
export function ownControlPlaneChecks({ unfinished, ...config }: OwnControlPlaneProfile): readonly Check[] {
  const { cluster, init } = config;
  const { local } = cluster.etcd;
  // A patch can do the same as a field.
  const isPatched = init.patches !== undefined;
  const hasOwnPort =
    isPatched || local?.extraArgs.some(({ name }) => name === 'listen-metrics-urls') === true;
  return [
    ...(local === undefined ? [] : [advertiseAddress(init.localAPIEndpoint.advertiseAddress)]),
    ...(local === undefined || hasOwnPort || unfinished !== undefined ? [] : [portOfEtcdMetrics]),
    givenCertificates(cluster.certificatesDir),
    manifestDuplicates,
    ...(isPatched ? [] : [serviceAccountKeys(cluster), extraArgs(cluster)]),
  ];
}
