import type { KubeObject } from '../clients/kube/kube-client.ts';
import {
  apiServerKubeletClient,
  autoApproveBootstrap,
  autoApproveRotation,
  getNodes,
  kubeletBootstrap,
} from './rbac.ts';

export interface BootstrapGrant {
  /** The line that reports the grant after it was made. */
  readonly message: string;
  readonly objects: readonly KubeObject[];
}

/** What nodes that join, and the API server, need to be allowed. Source: phases/bootstraptoken/node/tlsbootstrap.go. */
export const bootstrapGrants: readonly BootstrapGrant[] = [
  { message: 'Configured RBAC rules to allow Node Bootstrap tokens to get nodes', objects: getNodes },
  {
    message: 'Configured RBAC rules to allow Node Bootstrap tokens to ask for long term certificates',
    objects: [kubeletBootstrap],
  },
  {
    message: 'Configured RBAC rules to approve certificate requests of Node Bootstrap Tokens automatically',
    objects: [autoApproveBootstrap],
  },
  {
    message: 'Configured RBAC rules to allow nodes to renew their client certificates',
    objects: [autoApproveRotation],
  },
  {
    message: 'Configured RBAC rules to allow the API server to use the API of the kubelets',
    objects: [apiServerKubeletClient],
  },
];
