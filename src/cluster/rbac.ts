/**
 * The RBAC objects of kubeadm, except those of the addons. Users and groups have no apiGroup, because the server sets it.
 * Source: cmd/kubeadm/app/phases/{bootstraptoken,uploadconfig,kubelet,copycerts}.
 */
import type { KubeObject } from '../clients/kube/kube-client.ts';
import {
  certsSecret,
  clusterAdminsBinding,
  clusterAdminsGroup,
  clusterInfoConfigMap,
  defaultNodeTokenGroup,
  kubeadmConfigMap,
  kubeletConfigMap,
  nodesGroup,
} from '../names.ts';

const rbac = 'rbac.authorization.k8s.io';
const apiVersion = `${rbac}/v1`;

interface Subject {
  readonly kind: 'Group' | 'User';
  readonly name: string;
}

const tokenGroup: Subject = { kind: 'Group', name: defaultNodeTokenGroup };
const nodes: Subject = { kind: 'Group', name: nodesGroup };

/** Makes the user of admin.conf an administrator. */
export const clusterAdmins = clusterBinding(clusterAdminsBinding, 'cluster-admin', [
  { kind: 'Group', name: clusterAdminsGroup },
]);

export const nodesKubeadmConfig = readerOf('kubeadm:nodes-kubeadm-config', {
  namespace: 'kube-system',
  resource: 'configmaps',
  name: kubeadmConfigMap,
  subjects: [tokenGroup, nodes],
});

export const kubeletConfig = readerOf('kubeadm:kubelet-config', {
  namespace: 'kube-system',
  resource: 'configmaps',
  name: kubeletConfigMap,
  subjects: [nodes, tokenGroup],
});

export const kubeadmCerts = readerOf('kubeadm:kubeadm-certs', {
  namespace: 'kube-system',
  resource: 'secrets',
  name: certsSecret,
  subjects: [tokenGroup],
});

/** Everybody may read cluster-info, because a joining node has no identity yet. */
export const clusterInfoReader = readerOf('kubeadm:bootstrap-signer-clusterinfo', {
  namespace: 'kube-public',
  resource: 'configmaps',
  name: clusterInfoConfigMap,
  subjects: [{ kind: 'User', name: 'system:anonymous' }],
});

export const getNodes: readonly KubeObject[] = [
  {
    apiVersion,
    kind: 'ClusterRole',
    metadata: { name: 'kubeadm:get-nodes' },
    rules: [{ verbs: ['get'], apiGroups: [''], resources: ['nodes'] }],
  },
  clusterBinding('kubeadm:get-nodes', 'kubeadm:get-nodes', [tokenGroup]),
];

export const kubeletBootstrap = clusterBinding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', [
  tokenGroup,
]);

export const autoApproveBootstrap = clusterBinding(
  'kubeadm:node-autoapprove-bootstrap',
  'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
  [tokenGroup],
);

export const autoApproveRotation = clusterBinding(
  'kubeadm:node-autoapprove-certificate-rotation',
  'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
  [nodes],
);

export const apiServerKubeletClient = clusterBinding(
  'kubeadm:apiserver-kubelet-client',
  'system:kubelet-api-admin',
  [{ kind: 'User', name: 'kube-apiserver-kubelet-client' }],
);

function clusterBinding(name: string, role: string, subjects: readonly Subject[]): KubeObject {
  return {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects,
  };
}

interface OneObject {
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subjects: readonly Subject[];
}

/** Returns a Role that may get one object, and its RoleBinding. */
function readerOf(name: string, object: OneObject): readonly KubeObject[] {
  const metadata = { name, namespace: object.namespace };
  return [
    {
      apiVersion,
      kind: 'Role',
      metadata,
      rules: [
        { verbs: ['get'], apiGroups: [''], resources: [object.resource], resourceNames: [object.name] },
      ],
    },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name },
      subjects: object.subjects,
    },
  ];
}
