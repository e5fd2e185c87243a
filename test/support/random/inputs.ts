/** Random inputs of kubeadm: a command line, the files of the machine, and the objects of the cluster. */
import fc from 'fast-check';

import { corefiles, updates } from '../../../src/addons/corefile/corefile.fixture.ts';
import type { KubeObject } from '../../../src/clients/kube/kube-client.ts';
import { clusterInfoWithText } from '../../../src/discovery/discovery.fixture.ts';
import { allCommands, commandLines } from './command-lines.ts';
import { configFiles } from './configs.ts';
import { type Files, kubeconfigFiles, patchFolders, pems, pkiFolders } from './files.ts';
import { goodToken } from './shapes.ts';
import { damaged } from './texts.ts';
import { paths } from './words.ts';

export interface GeneratedInput {
  readonly kind: string;
  readonly argv: readonly string[];
  /** They replace the files of `plainFiles`. */
  readonly files: Files;
  readonly objects?: readonly KubeObject[];
  /** Read by the migration of Corefiles instead of a command line. */
  readonly corefile?: { readonly text: string; readonly from: string; readonly to: string };
}

const config = `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: 10.11.0.10 }
nodeRegistration: { name: cp1, criSocket: "unix:///run/containerd/containerd.sock" }
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.2
encryptionAlgorithm: ECDSA-P256
`;

/** The configuration with a folder of patches. */
export const patchedConfig = config.replace('---', `patches: { directory: ${paths.patches} }\n---`);

/** The files of a machine on which most commands work. */
export const plainFiles: Files = {
  [paths.config]: config,
  [paths.kubeconfig]: kubeconfigText(),
  [paths.discovery]: kubeconfigText(),
  [paths.tokenFile]: goodToken,
};

function kubeconfigText(): string {
  const authority = Buffer.from(pems['ca.crt'] ?? '').toString('base64');
  return `apiVersion: v1
kind: Config
clusters:
- name: kubernetes
  cluster: { certificate-authority-data: ${authority}, server: "https://10.11.0.10:6443" }
contexts:
- name: me
  context: { cluster: kubernetes, user: me }
current-context: me
users:
- name: me
  user: { token: ${goodToken} }
`;
}

const words = (line: string): readonly string[] => line.split(' ');

/** Command lines with their weights. Those that sign certificates take the most time. */
function weighted(lines: Readonly<Record<string, number>>, more = ''): fc.Arbitrary<readonly string[]> {
  return fc.oneof(
    ...Object.entries(lines).map(([line, weight]) => ({
      weight,
      arbitrary: fc.constant(words(line + more)),
    })),
  );
}

const withConfig = ` --config ${paths.config}`;

const configCommands = fc.oneof(
  { weight: 8, arbitrary: fc.constant(words(`config migrate --old-config ${paths.config}`)) },
  {
    weight: 40,
    arbitrary: weighted(
      {
        'config validate': 16,
        'config images list': 4,
        'init phase control-plane all': 2,
        'init phase etcd local': 2,
        'init phase kubelet-start': 2,
        'init phase preflight': 1,
        'init phase addon all --print-manifest': 2,
        'join phase preflight': 2,
        'reset --force --dry-run': 2,
        'upgrade plan': 1,
        'upgrade diff': 1,
        'upgrade apply --yes --dry-run': 1,
        'token create --dry-run': 1,
        'certs check-expiration': 1,
        'init --dry-run': 1,
        'join --dry-run': 1,
      },
      withConfig,
    ),
  },
  {
    weight: 2,
    arbitrary: weighted(
      {
        'init phase certs all': 1,
        'init phase kubeconfig all': 1,
        'certs generate-csr': 1,
        'kubeconfig user --client-name me': 1,
      },
      withConfig,
    ),
  },
);

const pkiCommands = fc.oneof(
  { weight: 1, arbitrary: fc.constant(['doctor']) },
  {
    weight: 20,
    arbitrary: weighted(
      {
        'certs check-expiration': 4,
        'certs check-expiration -o json': 2,
        'certs renew apiserver': 2,
        'init phase certs apiserver': 4,
        'init phase certs sa': 4,
        'kubeconfig user --client-name me --org a': 2,
        'init phase certs all': 1,
        'init phase kubeconfig all': 1,
        'certs renew all': 1,
        'certs generate-csr': 1,
        'init --dry-run --skip-phases=preflight': 1,
      },
      withConfig,
    ),
  },
);

const kubeconfigCommands = fc.constantFrom(
  ...[
    `token list --kubeconfig ${paths.kubeconfig}`,
    `token create --kubeconfig ${paths.kubeconfig} --print-join-command`,
    `init phase kubeconfig all --config ${paths.config}`,
    `init phase upload-config all --kubeconfig ${paths.kubeconfig} --config ${paths.config}`,
    `upgrade plan --kubeconfig ${paths.kubeconfig}`,
    `upgrade node --kubeconfig ${paths.kubeconfig} --dry-run`,
    `certs renew all --kubeconfig ${paths.kubeconfig}`,
    'certs check-expiration',
    'reset --force --dry-run',
    'doctor',
    `join --discovery-file ${paths.discovery} --dry-run`,
    `join phase preflight --discovery-file ${paths.discovery} --tls-bootstrap-token ${goodToken}`,
  ].map(words),
);

/** The places where kubeconfig files are read. */
const kubeconfigPlaces = [
  paths.kubeconfig,
  paths.discovery,
  '/etc/kubernetes/admin.conf',
  '/etc/kubernetes/kubelet.conf',
  '/etc/kubernetes/controller-manager.conf',
];

const patchCommands = fc.constantFrom(
  ...[
    'init phase control-plane all',
    'init phase etcd local',
    'init phase kubelet-start',
    'init --dry-run',
  ].map((line) => words(`${line}${withConfig}`)),
);

const clusterInfos = damaged(kubeconfigFiles.map((content) => Buffer.from(content as string).toString())).map(
  (text) => clusterInfoWithText(Buffer.from(text as string).toString(), [goodToken]),
);

/** Returns the inputs. The same seed gives the same inputs. */
export async function generatedInputs(): Promise<fc.Arbitrary<GeneratedInput>> {
  const commands = await allCommands();
  const join = words(
    `join phase preflight 10.11.0.10:6443 --token ${goodToken} --discovery-token-unsafe-skip-ca-verification`,
  );
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .tuple(configCommands, configFiles)
        .map(([argv, content]) => ({ kind: 'config', argv, files: { [paths.config]: content } })),
    },
    {
      weight: 5,
      arbitrary: commandLines(commands).map((argv) => ({ kind: 'command line', argv, files: {} })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(pkiCommands, pkiFolders).map(([argv, files]) => ({ kind: 'PEM', argv, files })),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(kubeconfigCommands, kubeconfigFiles).map(([argv, content]) => ({
        kind: 'kubeconfig',
        argv,
        files: Object.fromEntries(kubeconfigPlaces.map((place) => [place, content])),
      })),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(patchCommands, patchFolders).map(([argv, files]) => ({
        kind: 'patches',
        argv,
        files: { [paths.config]: patchedConfig, ...files },
      })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.oneof(corefiles, damaged(corefiles)), updates).map(([text, [from, to]]) => ({
        kind: 'Corefile',
        argv: [],
        files: {},
        corefile: { text: Buffer.from(text as string).toString(), from, to },
      })),
    },
    {
      weight: 1,
      arbitrary: clusterInfos.map((object) => ({
        kind: 'cluster-info',
        argv: join,
        files: {},
        objects: [object],
      })),
    },
  );
}
