/** The kubeconfig files of a control-plane node. Source: app/phases/kubeconfig, getKubeConfigSpecsBase. */
import { controlPlaneEndpoint, localEndpoint } from '../config/endpoints.ts';
import {
  adminConf,
  clusterAdminsGroup,
  controllerManagerConf,
  kubeletConf,
  nodesGroup,
  schedulerConf,
  superAdminConf,
} from '../names.ts';
import type { NodeConfig } from '../pki/sans.ts';

export interface KubeconfigSpec {
  /** The name of the phase. */
  readonly name: string;
  readonly file: string;
  /** The user of the file, as the object of a sentence. */
  readonly longName: string;
  /** Returns the user name, which is also the common name of the client certificate. */
  readonly user: (config: NodeConfig) => string;
  readonly organizations: readonly string[];
  /** The address that `init` writes into the file. */
  readonly server: ServerKind;
  /** The address that kubeadm expects in a file that it did not make, and writes beside a signing request. */
  readonly serverElsewhere: ServerKind;
}

/** `local` is this node's API server. `control-plane` is the address for all control planes. */
export type ServerKind = 'local' | 'control-plane';

export const kubeconfigs: readonly KubeconfigSpec[] = [
  {
    name: 'admin',
    file: adminConf,
    longName: 'the administrator, and kubeadm itself',
    user: () => 'kubernetes-admin',
    organizations: [clusterAdminsGroup],
    server: 'control-plane',
    serverElsewhere: 'control-plane',
  },
  {
    name: 'super-admin',
    file: superAdminConf,
    longName: 'an administrator past all authorization, for emergencies',
    user: () => 'kubernetes-super-admin',
    organizations: ['system:masters'],
    server: 'control-plane',
    serverElsewhere: 'control-plane',
  },
  {
    name: 'kubelet',
    file: kubeletConf,
    longName: 'the kubelet, *only* until the cluster is up and signs its certificates',
    user: ({ init }) => `system:node:${init.nodeRegistration.name}`,
    organizations: [nodesGroup],
    server: 'local',
    serverElsewhere: 'control-plane',
  },
  {
    name: 'controller-manager',
    file: controllerManagerConf,
    longName: 'the controller manager',
    user: () => 'system:kube-controller-manager',
    organizations: [],
    server: 'local',
    serverElsewhere: 'local',
  },
  {
    name: 'scheduler',
    file: schedulerConf,
    longName: 'the scheduler',
    user: () => 'system:kube-scheduler',
    organizations: [],
    server: 'local',
    serverElsewhere: 'local',
  },
];

/** The kubeconfig files of a control plane that joins. Its kubelet gets a kubeconfig in the TLS bootstrap. */
export const joiningKubeconfigs = kubeconfigs.filter(({ file }) =>
  [adminConf, controllerManagerConf, schedulerConf].includes(file),
);

export function serverOf(kind: ServerKind, { cluster, init }: NodeConfig): string {
  return kind === 'local'
    ? localEndpoint(init.localAPIEndpoint)
    : controlPlaneEndpoint(cluster, init.localAPIEndpoint);
}
