/** The objects of CoreDNS. Source: cmd/kubeadm/app/phases/addons/dns/manifests.go. */
import type { KubeObject } from '../clients/kube/kube-client.ts';
import { serviceAddress } from '../config/endpoints.ts';
import type { ClusterConfiguration } from '../config/hub.ts';
import { controlPlaneImages, type ImageSource } from '../images.ts';
import { controlPlaneLabel } from '../names.ts';

export const corednsReplicas = 2;
export const dnsLabels = { 'k8s-app': 'kube-dns' } as const;

const namespace = 'kube-system';
const name = 'coredns';
const roleName = 'system:coredns';
const rbac = 'rbac.authorization.k8s.io';
/** Names of ports that the probes use. */
const livenessPort = 'liveness-probe';
const readinessPort = 'readiness-probe';

/** The Corefile of a new cluster. */
export function defaultCorefile(dnsDomain: string): string {
  return `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes ${dnsDomain} in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success ${dnsDomain}
       disable denial ${dnsDomain}
    }
    loop
    reload
    loadbalance
}
`;
}

export function corednsConfigMap(cluster: ClusterConfiguration): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: { Corefile: defaultCorefile(cluster.networking.dnsDomain) },
  };
}

export function corednsDeployment(source: ImageSource, replicas: number): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: dnsLabels },
    spec: {
      replicas,
      selector: { matchLabels: dnsLabels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: { metadata: { labels: dnsLabels }, spec: podSpec(controlPlaneImages(source).coredns) },
    },
  };
}

function podSpec(image: string) {
  return {
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: {
              labelSelector: {
                matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns'] }],
              },
              topologyKey: 'kubernetes.io/hostname',
            },
          },
        ],
      },
    },
    containers: [container(image)],
    // CoreDNS uses the resolvers of its node, because the cluster's resolver is CoreDNS itself.
    dnsPolicy: 'Default',
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    priorityClassName: 'system-cluster-critical',
    serviceAccountName: name,
    tolerations: [
      { key: 'CriticalAddonsOnly', operator: 'Exists' },
      { key: controlPlaneLabel, effect: 'NoSchedule' },
    ],
    volumes: [{ name: 'config-volume', configMap: { name, items: [{ key: 'Corefile', path: 'Corefile' }] } }],
  };
}

function container(image: string) {
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    args: ['-conf', '/etc/coredns/Corefile'],
    livenessProbe: {
      httpGet: { path: '/health', port: livenessPort, scheme: 'HTTP' },
      initialDelaySeconds: 60,
      timeoutSeconds: 5,
      successThreshold: 1,
      failureThreshold: 5,
    },
    ports: [
      { containerPort: 53, name: 'dns', protocol: 'UDP' },
      { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
      { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
      { containerPort: 8080, name: livenessPort, protocol: 'TCP' },
      { containerPort: 8181, name: readinessPort, protocol: 'TCP' },
    ],
    readinessProbe: { httpGet: { path: '/ready', port: readinessPort, scheme: 'HTTP' } },
    resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
  };
}

export function dnsService(cluster: ClusterConfiguration): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kube-dns',
      namespace,
      annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
      labels: {
        ...dnsLabels,
        'kubernetes.io/cluster-service': 'true',
        'kubernetes.io/name': 'CoreDNS',
      },
      // An update of a Service must name a version; 0 stands for any version.
      resourceVersion: '0',
    },
    spec: {
      clusterIP: serviceAddress(cluster, 10),
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ],
      selector: dnsLabels,
    },
  };
}

export const corednsClusterRole: KubeObject = {
  apiVersion: `${rbac}/v1`,
  kind: 'ClusterRole',
  metadata: { name: roleName },
  rules: [
    {
      apiGroups: [''],
      resources: ['endpoints', 'services', 'pods', 'namespaces'],
      verbs: ['list', 'watch'],
    },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ],
};

export const corednsClusterRoleBinding: KubeObject = {
  apiVersion: `${rbac}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name: roleName },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: roleName },
  subjects: [{ kind: 'ServiceAccount', name, namespace }],
};

export const corednsServiceAccount: KubeObject = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace },
};
