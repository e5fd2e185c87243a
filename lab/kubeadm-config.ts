/** The configuration files for `kubeadm init` and `kubeadm join` in a lab, with its networks and the adaptations to this machine. */
import type { Adaptations } from './machine.ts';
import type { NodeAddresses } from './network.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface JoinConfigOptions {
  /** The addresses of the node that joins. */
  readonly addresses: NodeAddresses;
  /** The field `discovery`. */
  readonly discovery: Fields;
  /** Fields of `controlPlane`, such as the certificate key. Defaults to a worker. */
  readonly controlPlane?: Fields | undefined;
  /** Top-level fields that replace those of the lab. */
  readonly join?: Fields | undefined;
}

export interface KubeadmConfigOptions {
  /** The addresses of the node that runs init. It advertises them and registers with them. */
  readonly addresses: NodeAddresses;
  /** Defaults to kubeadm's own choice, which needs the internet. */
  readonly kubernetes?: string;
  /** Top-level fields of each kind that replace those of the lab. */
  readonly init?: Fields;
  readonly cluster?: Fields;
  readonly kubelet?: Fields;
  readonly kubeProxy?: Fields;
}

/** The Init, Cluster, Kubelet and KubeProxy configurations as plain documents, in this order. */
export function kubeadmDocuments(lab: Adaptations, options: KubeadmConfigOptions): readonly Fields[] {
  const { ipv4, ipv6 } = options.addresses;
  const both = (four: string, six: string): string =>
    [...(ipv4 === undefined ? [] : [four]), ...(ipv6 === undefined ? [] : [six])].join(',');
  return [
    {
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kind: 'InitConfiguration',
      localAPIEndpoint: { advertiseAddress: ipv4 ?? ipv6 },
      nodeRegistration: nodeRegistration(lab, options.addresses),
      ...options.init,
    },
    {
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kind: 'ClusterConfiguration',
      ...(options.kubernetes === undefined ? {} : { kubernetesVersion: options.kubernetes }),
      networking: {
        podSubnet: both('10.244.0.0/16', 'fd00:10:244::/48'),
        serviceSubnet: both('10.96.0.0/12', 'fd00:10:96::/112'),
      },
      ...options.cluster,
    },
    { ...lab.kubelet, ...options.kubelet },
    { ...lab.kubeProxy, ...options.kubeProxy },
  ];
}

/** The JoinConfiguration as a plain document. */
export function joinDocument(lab: Adaptations, options: JoinConfigOptions): Fields {
  const { ipv4, ipv6 } = options.addresses;
  return {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'JoinConfiguration',
    discovery: options.discovery,
    nodeRegistration: nodeRegistration(lab, options.addresses),
    controlPlane: options.controlPlane && {
      localAPIEndpoint: { advertiseAddress: ipv4 ?? ipv6 },
      ...options.controlPlane,
    },
    ...options.join,
  };
}

function nodeRegistration(lab: Adaptations, { ipv4, ipv6 }: NodeAddresses): Fields {
  const addresses = [ipv4, ipv6].filter((address) => address !== undefined);
  return {
    imagePullPolicy: lab.imagePullPolicy,
    ignorePreflightErrors: lab.ignorePreflightErrors,
    kubeletExtraArgs: ipv6 === undefined ? [] : [{ name: 'node-ip', value: addresses.join(',') }],
  };
}

/** `kubeadmDocuments` as the text of a file for `kubeadm init --config`. */
export function kubeadmConfig(lab: Adaptations, options: KubeadmConfigOptions): string {
  return kubeadmDocuments(lab, options).map(yamlDocument).join('---\n');
}

/** Writes plain data as YAML in block style. Scalars are written as in JSON, which YAML reads. */
export function yamlDocument(document: Fields): string {
  return `${yamlLines(document).join('\n')}\n`;
}

function yamlLines(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item: unknown) => {
      const [first = '', ...rest] = yamlLines(item);
      return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
    });
  }
  if (!Array.isArray(value) && typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    return Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .flatMap(([key, field]) => {
        const name = /^[a-z][a-z0-9]*$/i.test(key) ? key : JSON.stringify(key);
        const lines = yamlLines(field);
        const nested = typeof field === 'object' && field !== null && Object.keys(field).length > 0;
        return nested ? [`${name}:`, ...lines.map((line) => `  ${line}`)] : [`${name}: ${lines.join('')}`];
      });
  }
  return [JSON.stringify(value)];
}
