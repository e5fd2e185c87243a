import {
  defaultBindPort,
  defaultCertificateValidity,
  defaultDnsDomain,
  defaultImageRepository,
  defaultKubernetesVersion,
  defaultServiceSubnet,
  defaultTokenGroups,
  defaultTokenTtl,
  defaultTokenUsages,
} from '../config/defaults.ts';
import { formatDuration } from '../lib/go/duration.ts';
import { adminConf, defaultCertificatesDir, kubernetesDir } from '../names.ts';
import { describeGates, featureGates136 } from '../releases/feature-gates.ts';
import type { FlagType, FlagValueByType } from './flag-types.ts';

/** A flag in the list of a command. */
export interface Flag<Name extends string = string> {
  readonly name: Name;
  readonly short?: string;
  readonly type: FlagType;
  /** The default value, as help prints it. */
  readonly default?: string;
  /** The text for help. It can have line breaks. */
  readonly usage: string;
  /** The values that completion offers. Others can be allowed as well. */
  readonly values?: readonly string[];
  /** The notice for users of a deprecated flag. Help does not list such a flag. */
  readonly deprecated?: string;
  /** Upstream has no such flag. docs/differences.md has the reason. */
  readonly added?: true;
}

const adminKubeconfig = `${kubernetesDir}/${adminConf}`;

/** The formats of `-o`, in the order of upstream's help. */
const outputFormats = [
  ...['text', 'json', 'yaml', 'kyaml', 'go-template', 'go-template-file', 'template', 'templatefile'],
  ...['jsonpath', 'jsonpath-as-json', 'jsonpath-file'],
];

const configKinds = [
  ...['InitConfiguration', 'ClusterConfiguration', 'JoinConfiguration', 'ResetConfiguration'],
  ...['UpgradeConfiguration', 'KubeletConfiguration', 'KubeProxyConfiguration'],
];

/** Every flag of kubeadm. Commands list flags by name, or with `flag()` to change a part of one. */
const table = {
  all: {
    type: 'bool',
    added: true,
    usage:
      'Also remove what network plugins, kube-proxy, the kubelet and users made for the cluster: CNI configuration, links, ' +
      'rules of iptables, nftables and ipvs, and kubeconfigs. The command fails if something is left.',
  },
  'allow-deprecated-api': {
    type: 'bool',
    usage: 'Accept deprecated versions of the kubeadm API without a warning.',
  },
  'allow-experimental-api': {
    type: 'bool',
    usage: 'Accept experimental versions of the kubeadm API. No release of this minor has one.',
  },
  'allow-experimental-upgrades': {
    type: 'bool',
    usage: 'Offer and allow alpha, beta and release candidate versions of Kubernetes.',
  },
  'allow-missing-template-keys': {
    type: 'bool',
    default: 'true',
    usage: 'Ignore fields and map keys of a go-template or jsonpath that the data does not have.',
  },
  'allow-release-candidate-upgrades': {
    type: 'bool',
    usage: 'Offer and allow release candidates of Kubernetes.',
  },
  'apiserver-advertise-address': {
    type: 'string',
    usage:
      'The IP address that the API server tells others to use. By default it is the address of the default network interface.',
  },
  'apiserver-bind-port': {
    type: 'int32',
    default: String(defaultBindPort),
    usage: 'The port that the API server listens on.',
  },
  'apiserver-cert-extra-sans': {
    type: 'strings',
    usage: "Further names and IP addresses for the API server's serving certificate.",
  },
  'apiserver-extra-args': {
    type: 'mapStringString',
    usage: 'Further arguments for the API server, as <flag>=<value>.',
    deprecated: deprecatedExtraArgs('apiServer'),
  },
  'cert-dir': {
    type: 'string',
    default: defaultCertificatesDir,
    usage: 'The directory where certificates and keys are kept.',
  },
  'certificate-key': {
    type: 'string',
    usage:
      'The AES key that encrypts the control-plane certificates in Secret kubeadm-certs: 32 bytes in hexadecimal.',
  },
  'certificate-renewal': {
    type: 'bool',
    default: 'true',
    usage: 'Renew the certificates of the components that the upgrade changes.',
  },
  'cleanup-tmp-dir': { type: 'bool', usage: 'Also empty /etc/kubernetes/tmp.' },
  'component-configs': {
    type: 'strings',
    values: ['KubeProxyConfiguration', 'KubeletConfiguration'],
    usage:
      'Component configurations to print as well: KubeProxyConfiguration, KubeletConfiguration. By default none is printed.',
  },
  'client-name': {
    type: 'string',
    usage: 'The name of the user, which is the common name of its client certificate. This flag is required.',
  },
  config: { type: 'string', usage: 'A file with the configuration of kubeadm.' },
  'control-plane': { type: 'bool', usage: 'Make this node a control plane of the cluster.' },
  'context-lines': {
    short: 'c',
    type: 'int',
    default: '3',
    usage:
      'How many lines of context the diff has. Without this flag the configured number counts, which is 0 by default.',
  },
  'control-plane-endpoint': {
    type: 'string',
    usage: 'A stable IP address or DNS name for the control plane, with or without a port.',
  },
  'controller-manager-extra-args': {
    type: 'mapStringString',
    usage: 'Further arguments for the controller manager, as <flag>=<value>.',
    deprecated: deprecatedExtraArgs('controllerManager'),
  },
  'cri-socket': {
    type: 'string',
    usage:
      'The socket of the container runtime. By default kubeadm searches for it, which works if exactly one runtime is installed.',
  },
  description: { type: 'string', usage: 'A text for people that describes the use of the token.' },
  'discovery-file': {
    type: 'string',
    usage: 'A kubeconfig file that names the API server and its CA: a path, or an https URL.',
  },
  'discovery-token': {
    type: 'string',
    usage: 'The bootstrap token that proves the data which the API server returns about the cluster.',
  },
  'discovery-token-ca-cert-hash': {
    type: 'strings',
    usage: "Hashes of public keys, as <type>:<value>. The cluster's CA must have one of them.",
  },
  'discovery-token-unsafe-skip-ca-verification': {
    type: 'bool',
    usage: 'Trust the CA of the cluster without --discovery-token-ca-cert-hash.',
  },
  'dry-run': { type: 'bool', usage: 'Change nothing, and print the changes that the command would make.' },
  'etcd-upgrade': { type: 'bool', default: 'true', usage: 'Upgrade etcd, too.' },
  'feature-gates': {
    type: 'string',
    usage: [
      'Switches features on and off, as key=bool,key=bool. The features are:',
      ...describeGates(featureGates136),
    ].join('\n'),
  },
  force: { short: 'f', type: 'bool', usage: 'Do not ask for confirmation.' },
  groups: {
    type: 'strings',
    default: `[${defaultTokenGroups.join(',')}]`,
    usage:
      'Groups that the token authenticates as, in addition to system:bootstrappers. ' +
      'They match system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9].',
  },
  'ignore-preflight-errors': {
    type: 'strings',
    usage: "Checks whose errors count as warnings, such as 'IsPrivilegedUser,Swap'; 'all' means every check.",
  },
  'image-repository': {
    type: 'string',
    default: defaultImageRepository,
    usage: 'The registry and path of the control-plane images.',
  },
  kind: {
    type: 'string',
    added: true,
    values: configKinds,
    usage: 'The kind of configuration, such as InitConfiguration. By default the schema has all kinds.',
  },
  kubeconfig: {
    type: 'string',
    default: adminKubeconfig,
    usage: 'The kubeconfig file for talking to the cluster.',
  },
  'kubeconfig-dir': {
    type: 'string',
    default: kubernetesDir,
    usage: 'The directory where kubeconfig files are kept.',
  },
  'kubernetes-version': {
    type: 'string',
    default: defaultKubernetesVersion,
    usage: 'The Kubernetes version of the control plane: a release, or a label such as stable-1.',
  },
  'new-config': {
    type: 'string',
    usage: 'The file to write the result to. By default it is standard output.',
  },
  'node-name': { type: 'string', usage: 'The name of the node. By default it is the host name.' },
  'old-config': { type: 'string', usage: 'The file to read. This flag is required.' },
  org: {
    type: 'strings',
    usage:
      'Organizations of the client certificate, which are the groups of the user. Separate them with commas, or repeat the flag.',
  },
  output: {
    short: 'o',
    type: 'string',
    default: 'text',
    values: outputFormats.map((name) => (/^(?:json|kyaml|text|yaml)$/.test(name) ? name : `${name}=`)),
    usage:
      `Output format. One of: ${outputFormats.join('|')}. ` +
      'A template stands behind an equals sign, such as jsonpath={.images[0]}.',
  },
  'output-events': {
    type: 'string',
    values: ['json', 'json='],
    added: true,
    usage:
      'Write events as JSON lines while the command runs. With json the lines go to standard error, which then has ' +
      'no other text. With json=<file> they go to that file.',
  },
  'output-result': {
    type: 'string',
    values: ['json='],
    added: true,
    usage:
      'Write the result of the command as JSON into a file with json=<file>, also if the command fails. It has the node name, ' +
      'the phases, the endpoint, the token, the hashes of the CA and the certificate key. Only the owner can read the file.',
  },
  patches: {
    type: 'string',
    usage:
      'A directory of patches. Files are named target[suffix][+type].extension, for example kube-apiserver0+merge.yaml; ' +
      'targets are kube-apiserver, kube-controller-manager, kube-scheduler, etcd, kubeletconfiguration and corednsdeployment; ' +
      'types are strategic (the default), merge and json; extensions are json and yaml. The suffix decides the order.',
  },
  'pod-network-cidr': {
    type: 'string',
    usage: 'The range of Pod addresses. If it is set, every node gets a part of it.',
  },
  'print-config': { type: 'bool', usage: 'Print the configuration of the cluster that the upgrade uses.' },
  'print-join-command': {
    type: 'bool',
    usage: 'Print the whole command that joins a node with the token, on one line, instead of the token.',
  },
  'print-manifest': { type: 'bool', usage: 'Print the objects of the addon instead of creating them.' },
  restart: {
    type: 'bool',
    added: true,
    usage:
      'Also make the components use the renewed certificates, one after the other. A component that reads its certificate ' +
      'only when it starts is restarted. One that does not work with its new certificate gets the earlier one back.',
  },
  rootfs: {
    type: 'string',
    usage: "Path of the 'real' host root file system: kubeadm changes its root directory to it first.",
  },
  'scheduler-extra-args': {
    type: 'mapStringString',
    usage: 'Further arguments for the scheduler, as <flag>=<value>.',
    deprecated: deprecatedExtraArgs('scheduler'),
  },
  'service-cidr': { type: 'string', default: defaultServiceSubnet, usage: 'The range of Service addresses.' },
  'service-dns-domain': { type: 'string', default: defaultDnsDomain, usage: 'The DNS domain of Services.' },
  'show-managed-fields': { type: 'bool', usage: 'Keep managedFields in JSON and YAML output.' },
  'skip-certificate-key-print': { type: 'bool', usage: 'Do not print the key of the uploaded certificates.' },
  'skip-phases': { type: 'strings', usage: 'Phases to skip.' },
  'skip-token-print': { type: 'bool', usage: 'Do not print the bootstrap token.' },
  timeline: {
    type: 'string',
    added: true,
    usage: 'Write an SVG picture into this file at the end of the run. It shows when each phase ran.',
  },
  'tls-bootstrap-token': {
    type: 'string',
    usage: 'The bootstrap token with which the kubelet asks for its client certificate.',
  },
  token: {
    type: 'string',
    usage:
      'The bootstrap token that establishes trust between nodes and the control plane, of the form [a-z0-9]{6}.[a-z0-9]{16}.',
  },
  'token-ttl': {
    type: 'duration',
    default: formatDuration(defaultTokenTtl),
    usage: 'How long the token is valid (1s, 2m, 3h). With 0 it never expires.',
  },
  ttl: {
    type: 'duration',
    default: formatDuration(defaultTokenTtl),
    usage: 'How long the token is valid (1s, 2m, 3h). With 0 it never expires.',
  },
  'upload-certs': {
    type: 'bool',
    usage: 'Store the control-plane certificates, encrypted, in Secret kubeadm-certs.',
  },
  usages: {
    type: 'strings',
    default: `[${defaultTokenUsages.join(',')}]`,
    usage:
      'Allowed uses of the token: signing, authentication. Separate them with commas, or repeat the flag.',
  },
  'validity-period': {
    type: 'duration',
    default: formatDuration(defaultCertificateValidity),
    usage: 'How long the client certificate is valid, from now.',
  },
  v: { short: 'v', type: 'Level', usage: 'How much detail is logged.' },
  vmodule: {
    type: 'moduleSpec',
    usage:
      'A comma-separated list of pattern=N settings for the detail by source file. Accepted for scripts; it has no effect.',
  },
  yes: { short: 'y', type: 'bool', usage: 'Upgrade without a question.' },
} as const satisfies Readonly<Record<string, Omit<Flag, 'name'>>>;

export type FlagName = keyof typeof table;

/** The type of a flag's value. */
export type FlagValueOf<Name extends FlagName> = FlagValueByType[(typeof table)[Name]['type']];

/** Returns a flag of the table with some parts changed for one command. */
export function flag<const Name extends FlagName>(
  name: Name,
  changes: Partial<Pick<Flag, 'default' | 'usage' | 'values'>> = {},
): Flag<Name> {
  return { name, ...table[name], ...changes };
}

/** Returns the flags with these names, in this order. */
export function flagsNamed<const Name extends FlagName>(names: readonly Name[]): readonly Flag<Name>[] {
  return names.map((name) => flag(name));
}

/** Returns all flags of the table. */
export function tableFlags(): readonly Flag<FlagName>[] {
  return flagsNamed(Object.keys(table) as FlagName[]);
}

/** Flags of the commands that run phases. They choose how the run is shown. */
export const reportFlags = flagsNamed(['output-events', 'timeline']);

/** Flags of the commands that make this machine a node. */
export const nodeReportFlags = flagsNamed(['output-events', 'output-result', 'timeline']);

/** Flags of the root command: every command has them. */
export const globalFlags = flagsNamed(['rootfs', 'v', 'vmodule']);

export type GlobalFlagName = (typeof globalFlags)[number]['name'];

function deprecatedExtraArgs(component: string): string {
  return `use ClusterConfiguration.${component}.extraArgs instead; it will be removed`;
}
