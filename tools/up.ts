/** `make up` makes a one-node cluster with this kubeadm and keeps it until `make down`. */
import { existsSync } from 'node:fs';
import path from 'node:path';

import { createTextReport, describeError, ensureComponents } from '../components/index.ts';
import { expectedPods, kubectl, proveCluster, waitForCluster } from '../lab/cluster.ts';
import {
  createLab,
  deleteLab,
  installPodNetwork,
  kubeadmConfig,
  type Lab,
  listLabs,
  openLab,
} from '../lab/index.ts';
import { buildExecutable } from './build.ts';
import { root } from './steps.ts';

export const clusterId = 'up';
const nodeName = 'control-plane';

async function existing(): Promise<Lab | undefined> {
  if (!(await listLabs()).some(({ id }) => id === clusterId)) return undefined;
  const lab = await openLab(clusterId);
  try {
    await waitForCluster(lab.node(nodeName), { pods: expectedPods(nodeName), timeoutMs: 5000 });
    return lab;
  } catch (error) {
    console.log(
      `the cluster of an earlier run does not work any more and is made anew (${firstLine(error)})`,
    );
    await deleteLab(clusterId);
    return undefined;
  }
}

async function show(lab: Lab): Promise<void> {
  const node = lab.node(nodeName);
  console.log(`\n${await kubectl(node, ['get', 'nodes', '-o', 'wide'])}`);
  console.log(await kubectl(node, ['get', 'pods', '-A', '-o', 'wide']));
}

function usage(): string {
  return [
    'Use it:',
    `  ./lab/lab exec ${clusterId} ${nodeName} -- kubectl get pods -A`,
    `  ./lab/lab exec ${clusterId} ${nodeName} -- bash        # a shell on the node; kubeadm is there`,
    `  ./lab/lab logs ${clusterId} ${nodeName} --unit kubelet`,
    '  make down                                       # take it away',
  ].join('\n');
}

async function up(): Promise<void> {
  const started = performance.now();
  const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const running = await existing();
  if (running !== undefined) {
    await show(running);
    console.log('The cluster is up already; nothing was changed.\n');
    console.log(usage());
    return;
  }
  const components = await ensureComponents({ report: createTextReport(process.stderr) });
  console.log(`components are there after ${seconds()}`);
  buildExecutable();
  const kubeadm = path.join(root, 'dist/kubeadm');
  if (!existsSync(kubeadm)) throw new Error('dist/kubeadm was not built');
  const lab = await createLab({
    id: clusterId,
    keep: true,
    components,
    nodes: [{ name: nodeName, kubeadm }],
    report: (line) => console.log(line),
  });
  const node = lab.node(nodeName);
  for (const { what, why } of lab.adaptations.list) console.log(`adapted: ${what}: ${why}`);
  const config = kubeadmConfig(lab.adaptations, {
    addresses: node.addresses,
    kubernetes: components.kubernetes,
  });
  await node.writeFile('/root/kubeadm.yaml', config, 0o600);
  console.log(`\n# kubeadm init --config /root/kubeadm.yaml`);
  const begun = performance.now();
  const code = await node.attach(['kubeadm', 'init', '--config', '/root/kubeadm.yaml']);
  if (code !== 0)
    throw new Error(
      `kubeadm init failed; the node is left for a look: ./lab/lab exec ${clusterId} ${nodeName} -- bash`,
    );
  console.log(`kubeadm init took ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  await installPodNetwork(lab);
  await waitForCluster(node, { pods: expectedPods(nodeName) });
  await show(lab);
  for (const line of await proveCluster(node)) console.log(`proved: ${line}`);
  console.log(`\nThe cluster is up after ${seconds()}.\n`);
  console.log(usage());
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
}

try {
  await up();
} catch (error) {
  console.error(`error: ${describeError(error)}`);
  process.exitCode = 1;
}
