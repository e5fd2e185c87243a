/** The objects of kube-proxy. Source: cmd/kubeadm/app/phases/addons/proxy. */
import type { KubeObject } from '../clients/kube/kube-client.ts';
import { componentConfigHash } from '../config/component/checksum.ts';
import { controlPlaneEndpoint } from '../config/endpoints.ts';
import type { APIEndpoint, ComponentConfig, EnvVar } from '../config/hub.ts';
import { controlPlaneImages, type ImageSource } from '../images.ts';
import { toYaml } from '../lib/yaml/write.ts';
import { componentConfigHashAnnotation, defaultNodeTokenGroup, kubeProxyConfigMap } from '../names.ts';

export interface KubeProxyInput extends ImageSource {
  readonly endpoint: APIEndpoint;
  readonly kubeProxy: ComponentConfig;
}

const namespace = 'kube-system';
const name = 'kube-proxy';
const labels = { 'k8s-app': name } as const;
const rbac = 'rbac.authorization.k8s.io';
const directory = '/var/lib/kube-proxy';
const configKey = 'config.conf';
const serviceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The settings and credentials of every kube-proxy. Only settings that kubeadm made itself have a checksum. */
export function kubeProxyConfigMapOf(
  { cluster, endpoint, kubeProxy }: KubeProxyInput,
  options: { readonly signed: boolean },
): KubeObject {
  const data = {
    [configKey]: toYaml(kubeProxy.data).replace(/\n+$/, ''),
    'kubeconfig.conf': kubeconfig(controlPlaneEndpoint(cluster, endpoint)),
  };
  const signed = options.signed && !kubeProxy.userSupplied;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: kubeProxyConfigMap,
      namespace,
      ...(signed ? { annotations: { [componentConfigHashAnnotation]: componentConfigHash(data) } } : {}),
      labels: { app: name },
    },
    data,
  };
}

/** The DaemonSet has the proxy variables of this process, as kube-proxy may reach the API server through a proxy. */
export function kubeProxyDaemonSet(source: ImageSource, proxyEnvironment: readonly EnvVar[]): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [container(controlPlaneImages(source).kubeProxy, proxyEnvironment)],
          hostNetwork: true,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          priorityClassName: 'system-node-critical',
          serviceAccountName: name,
          tolerations: [{ operator: 'Exists' }],
          volumes: [
            { name: 'kube-proxy', configMap: { name: kubeProxyConfigMap } },
            { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
            { name: 'lib-modules', hostPath: { path: '/lib/modules' } },
          ],
        },
      },
      updateStrategy: { type: 'RollingUpdate' },
    },
  };
}

function container(image: string, proxyEnvironment: readonly EnvVar[]) {
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: [
      '/usr/local/bin/kube-proxy',
      `--config=${directory}/${configKey}`,
      '--hostname-override=$(NODE_NAME)',
    ],
    env: [
      { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      ...proxyEnvironment,
    ],
    securityContext: { privileged: true },
    volumeMounts: [
      { name: 'kube-proxy', mountPath: directory },
      { name: 'xtables-lock', mountPath: '/run/xtables.lock', readOnly: false },
      { name: 'lib-modules', mountPath: '/lib/modules', readOnly: true },
    ],
  };
}

function kubeconfig(server: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority: ${serviceAccountDirectory}/ca.crt
    server: ${server}
  name: default
contexts:
- context:
    cluster: default
    namespace: default
    user: default
  name: default
current-context: default
users:
- name: default
  user:
    tokenFile: ${serviceAccountDirectory}/token`;
}

export const kubeProxyServiceAccount: KubeObject = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace },
};

export const kubeProxyClusterRoleBinding: KubeObject = {
  apiVersion: `${rbac}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name: 'kubeadm:node-proxier' },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'system:node-proxier' },
  subjects: [{ kind: 'ServiceAccount', name, namespace }],
};

/** Lets nodes read the settings while they join, before they have their own identity. */
export const kubeProxyRole: KubeObject = {
  apiVersion: `${rbac}/v1`,
  kind: 'Role',
  metadata: { name, namespace },
  rules: [
    { apiGroups: [''], resourceNames: [kubeProxyConfigMap], resources: ['configmaps'], verbs: ['get'] },
  ],
};

export const kubeProxyRoleBinding: KubeObject = {
  apiVersion: `${rbac}/v1`,
  kind: 'RoleBinding',
  metadata: { name, namespace },
  roleRef: { apiGroup: rbac, kind: 'Role', name },
  subjects: [{ kind: 'Group', name: defaultNodeTokenGroup }],
};
