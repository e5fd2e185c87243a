/** Clusters of the earlier release, and their change to this one. */
import { type Components, ensureComponents, ensurePrograms } from '../../components/index.ts';
import { kubectl } from '../../lab/cluster.ts';
import type { LabNode } from '../../lab/index.ts';
import { run, upstream } from './interop.ts';
import { type Machines, type MachinesOptions, type Program, withMachines } from './many.ts';

/** The minor that is upgraded from. */
export const earlier = '1.35';

/** What `upgrade apply` and `upgrade node` ignore in a lab. */
export const ignored = '--ignore-preflight-errors SystemVerification,CoreDNSMigration';

/** The programs of the earlier release with the images of both releases. */
export async function earlierComponents(): Promise<Components> {
  const [before, after] = [await ensureComponents({ kubernetes: earlier }), await ensureComponents()];
  const known = new Set(before.images.map(({ reference }) => reference));
  const added = after.images.filter(({ reference }) => !known.has(reference));
  return { ...before, images: [...before.images, ...added] };
}

/** Gives the images of the lab the names that a kubeadm has for etcd, CoreDNS and the sandbox of the earlier release. */
async function nameEarlierImages(
  node: LabNode,
  program: string,
  { images, kubernetes }: Components,
): Promise<void> {
  const list = await node.mustExec([
    ...[program, 'config', 'images', 'list', '--kubernetes-version', kubernetes],
  ]);
  const known = images.map(({ reference }) => reference);
  for (const wanted of list.trim().split('\n')) {
    const name = `${wanted.slice(0, wanted.lastIndexOf(':'))}:`;
    const other = known.find((reference) => reference.startsWith(name));
    if (known.includes(wanted) || other === undefined) continue;
    await node.mustExec(['ctr', '-n', 'k8s.io', 'images', 'tag', '--force', other, wanted]);
  }
}

/**
 * Prepares a node to make a cluster of the earlier release. Its upstream kubeadm is then that of the earlier release, until
 * `useLaterUpstream`.
 */
async function prepareEarlierNode(node: LabNode, components: Components): Promise<void> {
  const { kubeadm } = await ensurePrograms(['kubeadm'], { kubernetes: earlier });
  await node.copyIn(kubeadm, `/usr/local/bin/${upstream}`);
  for (const program of ['kubeadm', upstream]) await nameEarlierImages(node, program, components);
}

/** Gives the node upstream's kubeadm of this release. */
export async function useLaterUpstream(node: LabNode): Promise<void> {
  const { programs } = await ensureComponents({ set: 'compare' });
  await node.copyIn(programs.kubeadm, `/usr/local/bin/${upstream}`);
}

/** Creates machines with the programs of the earlier release, passes them to `use`, and deletes them afterwards. */
export async function withEarlierMachines<T>(
  use: (machines: Machines) => Promise<T>,
  options: Omit<MachinesOptions, 'lab'> = {},
): Promise<T> {
  const components = await earlierComponents();
  return await withMachines(
    async (machines) => {
      for (const node of [...machines.controlPlanes, ...machines.workers])
        await prepareEarlierNode(node, components);
      return await use(machines);
    },
    { ...options, lab: { components } },
  );
}

/** Replaces the kubelet of the node by that of this release, and waits until the Node shows it. */
export async function replaceKubelet(node: LabNode, admin: LabNode): Promise<void> {
  const { kubernetes, programs } = await ensureComponents();
  await node.copyIn(programs.kubelet, '/root/kubelet');
  const command = 'chmod 755 /root/kubelet && mv /root/kubelet "$(command -v kubelet)"';
  await node.mustExec(['sh', '-c', `systemctl stop kubelet && ${command} && systemctl start kubelet`]);
  const path = 'jsonpath={.status.nodeInfo.kubeletVersion}';
  await until(`the kubelet of ${node.name} in the API`, async () => {
    const found = await kubectl(admin, ['get', 'node', node.name, '-o', path]);
    return found === kubernetes ? undefined : `it has the version ${found}`;
  });
}

/** The references of the images of Kubernetes that the Pods of kube-system have, without a repeated one. */
async function imagesOf(node: LabNode): Promise<readonly string[]> {
  const text = await kubectl(node, [
    ...['-n', 'kube-system', 'get', 'pods', '-o'],
    'jsonpath={range .items[*]}{.spec.containers[*].image}{"\\n"}{end}',
  ]);
  const own = text.split('\n').filter((image) => image.startsWith('registry.k8s.io/kube-'));
  return [...new Set(own)].sort();
}

/** Waits until all Pods of the control plane and of kube-proxy have images of this version. */
export async function expectImages(admin: LabNode, version: string): Promise<void> {
  const names = ['apiserver', 'controller-manager', 'proxy', 'scheduler'];
  const wanted = names.map((name) => `registry.k8s.io/kube-${name}:${version}`).join(' ');
  await until(`the images of ${version}`, async () => {
    const found = (await imagesOf(admin)).join(' ');
    return found === wanted ? undefined : `the Pods have ${found}`;
  });
}

/** @throws Error with the last problem after two minutes */
async function until(what: string, look: () => Promise<string | undefined>): Promise<void> {
  const end = Date.now() + 120_000;
  for (;;) {
    const problem = await look().catch(String);
    if (problem === undefined) return;
    if (Date.now() > end) throw new Error(`waited two minutes for ${what}: ${problem}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Runs a command of `upgrade` with one of the programs. Returns its seconds. */
export async function timedUpgrade(node: LabNode, program: Program, command: string): Promise<number> {
  const start = performance.now();
  await run(node, program, `upgrade ${command}`);
  return (performance.now() - start) / 1000;
}

/** Upgrades all nodes to the version that they have: the first control plane, the others, and then the workers. */
export async function upgradeToSame(
  { controlPlanes, kubernetes, workers }: Pick<Machines, 'controlPlanes' | 'kubernetes' | 'workers'>,
  more = '',
): Promise<void> {
  for (const node of [...controlPlanes, ...workers]) {
    const command = node === controlPlanes[0] ? `apply ${kubernetes} -y` : 'node';
    await run(node, 'kubeadm', `upgrade ${command} ${ignored}${more}`);
  }
}
