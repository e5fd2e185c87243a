/** The join of a control plane, beside upstream's and with faults of etcd. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';

import { kubectl } from '../../lab/cluster.ts';
import { installPodNetwork, type LabNode } from '../../lab/index.ts';
import { etcdctl, members } from '../support/etcd.ts';
import { execKubeadm } from '../support/events.ts';
import {
  attempt,
  certificates,
  described,
  kubeadmFiles,
  run,
  type State,
  upstream,
} from '../support/interop.ts';
import {
  expectReady,
  first,
  initFirst,
  joinNode,
  type Machines,
  type Program,
  withMachines,
  writeJoinConfig,
} from '../support/many.ts';
import { configFile } from '../support/node.ts';

const joinCommand = ['join', '--config', configFile];

/** Files that have the same text in every join. The others contain keys or certificates. */
const plainFile = /^\/etc\/kubernetes\/manifests\/kube|^\/var\/lib\/kubelet\/[^/]+\.(?:yaml|env)$/;

interface KubeNode {
  readonly metadata: { readonly uid: string; readonly labels: unknown; readonly annotations: unknown };
  readonly spec: { readonly taints?: readonly { readonly key: string }[] };
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
  readonly spec: unknown;
}

/** The mirror Pods of a Node. The kubelet makes them a moment after the Node is Ready. */
async function mirrorPods(admin: LabNode, uid: string): Promise<readonly Pod[]> {
  const select = ['-n', 'kube-system', 'get', 'pods', '-l', 'tier=control-plane', '-o', 'json'];
  const read = async (): Promise<readonly Pod[]> => {
    const { items } = JSON.parse(await kubectl(admin, select)) as { readonly items: readonly Pod[] };
    return items.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
  };
  await expect.poll(async () => (await read()).length, { timeout: 60_000, interval: 500 }).toBe(4);
  return await read();
}

/** Everything that a join makes, without random parts and times. */
async function joined(machines: Machines, node: LabNode): Promise<Readonly<Record<string, unknown>>> {
  const admin = first(machines);
  const found = JSON.parse(await kubectl(admin, ['get', 'node', node.name, '-o', 'json'])) as KubeNode;
  const pods = await mirrorPods(admin, found.metadata.uid);
  return {
    files: plainFiles(await kubeadmFiles(node)),
    certificates: [...described(await certificates(node))].sort(),
    labels: found.metadata.labels,
    annotations: found.metadata.annotations,
    // Controllers add others for a while.
    taints: found.spec.taints?.filter(({ key }) => key.startsWith('node-role')),
    etcd: sortedMembers(await node.readFile('/etc/kubernetes/manifests/etcd.yaml')),
    pods: pods.map(({ metadata, spec }) => ({
      name: metadata.name,
      spec: sortedMembers(JSON.stringify(spec)),
    })),
    members: (await members(admin)).map(({ name, isLearner }) => ({ name, isLearner })).sort(byName),
  };
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name.localeCompare(b.name);

/** Sorts the members in the flag of etcd. Their order is that of their ids, which are random. */
function sortedMembers(manifest: string): string {
  return manifest.replace(
    /(--initial-cluster=)([\w.:/=,-]+)/,
    (_, flag: string, list: string) => `${flag}${list.split(',').sort().join(',')}`,
  );
}

/** Mode and owner of each file, and the hash of each file without keys. Files with a time in their name do not count. */
function plainFiles(files: State): readonly string[] {
  return [...files]
    .filter(([path]) => !/kubelet-client-\d|kubelet\.crt$|kubelet\.key$/.test(path))
    .map(
      ([path, state]) => `${path} ${plainFile.test(path) ? state : state.split(' ').slice(0, 2).join(' ')}`,
    )
    .sort();
}

async function removeNode(machines: Machines, node: LabNode): Promise<void> {
  await run(node, 'kubeadm', 'reset -f');
  await kubectl(first(machines), ['delete', 'node', node.name]);
}

test('a control plane that joins has the files and objects that upstream makes', async () => {
  await withMachines(
    async (machines) => {
      const [, node] = machines.controlPlanes;
      if (node === undefined) throw new RangeError('two control planes are needed');
      const invitation = await initFirst(machines);
      const made: unknown[] = [];
      for (const program of ['kubeadm', upstream] satisfies readonly Program[]) {
        await joinNode(machines, node, { invitation, controlPlane: true, program });
        await expectReady(machines, machines.controlPlanes);
        made.push(await joined(machines, node));
        await removeNode(machines, node);
      }
      expect(made[0]).toEqual(made[1]);
    },
    { controlPlanes: 2 },
  );
});

/** Repeats the question until the answer is true. @throws Error after two minutes */
async function until(what: string, question: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 120_000;
  while (!(await question())) {
    if (performance.now() > end) throw new Error(`waited too long for ${what}`);
    await sleep(20);
  }
}

test('control planes join after a learner that never started, and after a kill that leaves a learner', async () => {
  await withMachines(
    async (machines) => {
      const [keeper, second, third] = machines.controlPlanes;
      if (keeper === undefined || second === undefined || third === undefined)
        throw new RangeError('three control planes are needed');
      const invitation = await initFirst(machines);
      for (const node of [second, third])
        await writeJoinConfig(machines, node, { invitation, controlPlane: true });

      const unknown = 'https://10.88.0.99:2380';
      await etcdctl(keeper, ['member', 'add', 'unknown', '--learner', `--peer-urls=${unknown}`]);
      const joining = attempt(second, 'kubeadm', joinCommand.join(' '));
      const manifest = '/etc/kubernetes/manifests/kube-scheduler.yaml';
      await until('the manifests', async () => (await second.exec(['test', '-e', manifest])).code === 0);
      await sleep(5_000);
      const found = (await members(keeper)).find(({ peerUrls }) => peerUrls.includes(unknown));
      await etcdctl(keeper, ['member', 'remove', found?.id ?? '']);
      const { code, stderr, stdout } = await joining;
      expect(code, stderr).toBe(0);
      expect(stdout).toContain(`etcd member ${found?.id} at ${unknown}, which joins at the same time`);

      const cut = execKubeadm(third, joinCommand, { timeoutMs: 300_000 });
      await until('the learner', async () => (await members(keeper)).length === 3);
      await third.mustExec(['pkill', '-KILL', '-x', 'kubeadm']);
      expect((await cut).code).toBe(137);
      const again = await execKubeadm(third, joinCommand, { timeoutMs: 300_000 });
      expect(again.code, again.stderr).toBe(0);
      expect(again.events.map(({ event }) => event.type)).toContain('etcd-member-kept');

      const list = await members(keeper);
      expect(list.filter(({ isLearner, isStarted }) => isLearner || !isStarted)).toEqual([]);
      expect(list.map(({ name }) => name).sort()).toEqual(['cp1', 'cp2', 'cp3']);
      for (const node of machines.controlPlanes) await installPodNetwork(machines.lab, { from: node.name });
      await expectReady(machines, machines.controlPlanes);
    },
    { controlPlanes: 3 },
  );
});
