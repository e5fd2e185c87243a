/** Shared parts of the end-to-end scenarios: a lab with real nodes, init on one of them, upstream's suite. */
import path from 'node:path';

import { ensureComponents } from '../../components/index.ts';
import { expectedPods, waitForCluster } from '../../lab/cluster.ts';
import {
  createLab,
  installPodNetwork,
  type KubeadmConfigOptions,
  kubeadmConfig,
  type Lab,
  type LabNode,
  type LabOptions,
} from '../../lab/index.ts';
import { execKubeadm } from './events.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** The executable under test: ours, which `make test` builds first, or the one in KUBEADM_UNDER_TEST. */
export const kubeadm = path.resolve(root, process.env.KUBEADM_UNDER_TEST ?? 'dist/kubeadm');
export const nodeName = 'cp';
export const configFile = '/root/kubeadm.yaml';

/** Creates a lab with one node that has our kubeadm, passes it to `use`, and deletes it afterwards. */
export async function withNode(
  use: (lab: Lab, node: LabNode) => Promise<void>,
  options: Partial<LabOptions> = {},
): Promise<void> {
  const components = await ensureComponents();
  const lab = await createLab({ components, nodes: [{ name: nodeName, kubeadm }], ...options });
  try {
    await use(lab, lab.node(nodeName));
  } finally {
    await lab.delete();
  }
}

/** Writes the configuration of a node; `fields` override those of the lab. */
export async function writeConfig(
  lab: Lab,
  node: LabNode,
  fields: Omit<KubeadmConfigOptions, 'addresses' | 'kubernetes'> = {},
): Promise<void> {
  const { kubernetes } = await ensureComponents();
  const text = kubeadmConfig(lab.adaptations, { addresses: node.addresses, kubernetes, ...fields });
  await node.writeFile(configFile, text, 0o600);
}

/** Runs kubeadm in the node, expects success and valid events, and returns stdout. */
export async function runKubeadm(
  node: LabNode,
  args: readonly string[],
  timeoutMs = 300_000,
): Promise<string> {
  const { code, stderr, stdout } = await execKubeadm(node, args, { timeoutMs });
  if (code !== 0) throw new Error(`kubeadm ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  return stdout;
}

/** Installs the Pod network, and expects that all Nodes and Pods are ready and that upstream's tests succeed. */
export async function expectWorkingCluster(
  lab: Lab,
  node: LabNode,
  pods = expectedPods(nodeName),
): Promise<void> {
  await installPodNetwork(lab);
  await waitForCluster(node, { pods });
  await runSuite(node);
}

/** Runs upstream's e2e_kubeadm suite against the node's cluster; throws with its output if a spec fails. */
export async function runSuite(
  node: LabNode,
  skip: readonly string[] = ['\\[copy-certs\\]'],
): Promise<string> {
  const { programs } = await ensureComponents({ set: 'suite' });
  const suite = programs['e2e_kubeadm.test'];
  await node.copyIn(suite, '/root/e2e_kubeadm.test');
  return await node.mustExec(
    [
      '/root/e2e_kubeadm.test',
      '--kubeconfig=/etc/kubernetes/admin.conf',
      ...(skip.length === 0 ? [] : [`--ginkgo.skip=${skip.join('|')}`]),
      '--ginkgo.no-color',
    ],
    { timeoutMs: 120_000 },
  );
}

/** One line per file below the folders with mode, owner and hash, to compare a node before and after. */
export async function fileList(node: LabNode, folders: readonly string[]): Promise<string> {
  return await node.mustExec([
    'sh',
    '-c',
    'for d; do [ -e "$d" ] && find "$d" -xdev \\( -type f -printf "%p %m %U:%G " -exec sh -c \'sha256sum < "$1" | cut -c1-64\' x {} \\; \\) -o \\( ! -type f -printf "%p %m %U:%G %y\\n" \\); done | sort',
    'list',
    ...folders,
  ]);
}

/** States of the units that kubeadm touches. */
export async function unitStates(node: LabNode): Promise<string> {
  const properties = 'Id,ActiveState,SubState,UnitFileState,MainPID,ExecMainStartTimestampMonotonic';
  return await node.mustExec(['systemctl', 'show', '-p', properties, 'kubelet', 'containerd']);
}
