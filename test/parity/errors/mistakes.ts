/** The mistakes of docs/errors.md, in its order. */
import { pems } from '../../support/random/files.ts';
import { patchedConfig } from '../../support/random/inputs.ts';
import { paths } from '../../support/random/words.ts';

export interface Mistake {
  /** A phrase that names the mistake, such as `A flag that does not exist`. */
  readonly name: string;
  readonly command: string;
  /** The part of a configuration file with the mistake. The page shows it. */
  readonly config?: string;
  readonly files?: Readonly<Record<string, string>>;
}

export interface Section {
  readonly title: string;
  readonly mistakes: readonly Mistake[];
}

const validate = `config validate --config ${paths.config}`;
const withConfig = (command: string): string => `${command} --config ${paths.config}`;

const document = (kind: string, fields: string): string =>
  `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ${kind}\n${fields}`;
const cluster = (name: string, fields: string): Mistake => ({
  name,
  command: validate,
  config: document('ClusterConfiguration', fields),
});
const init = (name: string, fields: string): Mistake => ({
  name,
  command: validate,
  config: document('InitConfiguration', fields),
});
const join = (name: string, fields: string): Mistake => ({
  name,
  command: validate,
  config: document('JoinConfiguration', fields),
});

const pem = (name: string): string => pems[name] ?? '';
const authority = { [`${paths.pki}/ca.crt`]: pem('ca.crt'), [`${paths.pki}/ca.key`]: pem('ca.key') };
const good = `${document('InitConfiguration', 'localAPIEndpoint: { advertiseAddress: 10.11.0.10 }')}
nodeRegistration: { name: cp1, criSocket: "unix:///run/containerd/containerd.sock" }
---
${document('ClusterConfiguration', 'kubernetesVersion: v1.36.2\nencryptionAlgorithm: ECDSA-P256')}
`;
const withFiles = (name: string, command: string, files: Readonly<Record<string, string>>): Mistake => ({
  name,
  command: withConfig(command),
  files: { [paths.config]: good, ...files },
});

export const sections: readonly Section[] = [
  {
    title: 'Configuration files as text',
    mistakes: [
      { name: 'A file that does not exist', command: 'config validate --config /etc/kubeadm/none.yaml' },
      cluster('A tab as indentation', 'networking:\n\tpodSubnet: 10.244.0.0/16\n'),
      cluster('A value that is not closed', 'controlPlaneEndpoint: "lb.example.com\n'),
      {
        name: 'A document without a kind',
        command: validate,
        config: 'apiVersion: kubeadm.k8s.io/v1beta4\n',
      },
      {
        name: 'An old version of the API',
        command: validate,
        config: 'apiVersion: kubeadm.k8s.io/v1beta2\nkind: ClusterConfiguration\n',
      },
      {
        name: 'The same kind twice',
        command: validate,
        config: `${document('ClusterConfiguration', 'clusterName: a\n')}---\n${document('ClusterConfiguration', 'clusterName: b\n')}`,
      },
      cluster('A misspelt field', 'networking:\n  podsubnet: 10.244.0.0/16\n'),
      cluster('A field at the wrong place', 'podSubnet: 10.244.0.0/16\n'),
      cluster('Extra arguments as a map, as in v1beta3', 'apiServer:\n  extraArgs:\n    v: "4"\n'),
      init('A text instead of a number', 'localAPIEndpoint:\n  bindPort: "6443"\n'),
      cluster('A field that is there twice', 'clusterName: a\nclusterName: b\n'),
    ],
  },
  {
    title: 'Values of the configuration',
    mistakes: [
      cluster('A version that does not exist', 'kubernetesVersion: v1.36.x\n'),
      cluster('A version that this kubeadm does not deploy', 'kubernetesVersion: v1.30.0\n'),
      cluster('A range of Pods that is not a CIDR', 'networking:\n  podSubnet: 10.244.0.0\n'),
      cluster('A range of Pods that is too small for the nodes', 'networking:\n  podSubnet: 10.244.0.0/25\n'),
      cluster('A range of Services that is too large', 'networking:\n  serviceSubnet: fd00::/64\n'),
      cluster(
        'A URL as the endpoint of the control plane',
        'controlPlaneEndpoint: https://lb.example.com:6443\n',
      ),
      cluster('An algorithm that does not exist', 'encryptionAlgorithm: RSA-1024\n'),
      cluster('A feature gate that does not exist', 'featureGates:\n  IPv6DualStack: true\n'),
      cluster(
        'A local and an external etcd',
        'etcd:\n  local: {}\n  external:\n    endpoints: [https://10.0.0.5:2379]\n',
      ),
      init(
        'A host name as the address of the API server',
        'localAPIEndpoint:\n  advertiseAddress: cp1.example.com\n',
      ),
      init('A node name with an underscore', 'nodeRegistration:\n  name: node_1\n'),
      init('A malformed bootstrap token', 'bootstrapTokens:\n- token: abcdef-0123456789abcdef\n'),
      init('A duration without a unit', 'bootstrapTokens:\n- token: abcdef.0123456789abcdef\n  ttl: "24"\n'),
      init('A certificate key of the wrong length', 'certificateKey: 0123456789abcdef\n'),
    ],
  },
  {
    title: 'Joining and discovery',
    mistakes: [
      join('No discovery', 'caCertPath: /etc/kubernetes/pki/ca.crt\n'),
      join(
        'A token without the hash of the CA',
        'discovery:\n  bootstrapToken:\n    token: abcdef.0123456789abcdef\n    apiServerEndpoint: 10.11.0.10:6443\n',
      ),
      join(
        'A token and a file',
        'discovery:\n  bootstrapToken:\n    token: abcdef.0123456789abcdef\n    apiServerEndpoint: 10.11.0.10:6443\n    unsafeSkipCAVerification: true\n  file:\n    kubeConfigPath: /etc/kubeadm/discovery.conf\n',
      ),
      join(
        'An endpoint without a port',
        'discovery:\n  bootstrapToken:\n    token: abcdef.0123456789abcdef\n    apiServerEndpoint: 10.11.0.10\n    unsafeSkipCAVerification: true\n',
      ),
      {
        name: 'A discovery file that does not exist',
        command: 'join phase preflight --discovery-file /etc/kubeadm/none.conf --node-name node-1',
      },
    ],
  },
  {
    title: 'Command lines',
    mistakes: [
      { name: 'A misspelt command', command: 'inti' },
      { name: 'A misspelt flag', command: 'init --pod-network-cdir 10.244.0.0/16' },
      { name: 'A flag without its value', command: 'init --config' },
      { name: 'A duration without a unit in a flag', command: 'init --token-ttl 24' },
      {
        name: 'A flag beside a configuration file that it cannot be mixed with',
        command: `init phase certs ca --config ${paths.config} --kubernetes-version v1.36.2`,
        files: { [paths.config]: good },
      },
      { name: 'An output format that does not exist', command: 'version -o xml' },
    ],
  },
  {
    title: 'Certificates, kubeconfig files and patches',
    mistakes: [
      withFiles('A CA without its key', 'init phase certs apiserver', {
        [`${paths.pki}/ca.crt`]: pem('ca.crt'),
      }),
      withFiles('A key that does not belong to its CA', 'init phase certs apiserver', {
        [`${paths.pki}/ca.crt`]: pem('ca.crt'),
        [`${paths.pki}/ca.key`]: pem('other-ca.key'),
      }),
      withFiles('A damaged CA certificate', 'init phase kubeconfig admin', {
        ...authority,
        [`${paths.pki}/ca.crt`]: pem('ca.crt').slice(0, 300),
      }),
      withFiles('A patch that is not YAML', 'init phase control-plane scheduler', {
        [paths.config]: patchedConfig,
        [`${paths.patches}/kube-scheduler.yaml`]: 'spec: [\n',
      }),
    ],
  },
];
