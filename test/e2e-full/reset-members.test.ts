/** The reset of control planes: etcd loses exactly their members, or nothing on the node is lost. */
import { expect, test } from 'vitest';

import { kubectl } from '../../lab/cluster.ts';
import { LabError, type LabNode, type RunResult, yamlDocument } from '../../lab/index.ts';
import { etcdctl, leader, members } from '../support/etcd.ts';
import { run, tasks } from '../support/interop.ts';
import {
  expectResets,
  type Invitation,
  initFirst,
  joinNode,
  type Machines,
  withMachines,
} from '../support/many.ts';
import { fileList } from '../support/node.ts';

/** The last control plane of three, which is reset and joins again. */
interface Cluster {
  readonly machines: Machines;
  readonly node: LabNode;
  readonly witness: LabNode;
  readonly invitation: Invitation;
}

async function withThree(use: (cluster: Cluster) => Promise<void>): Promise<void> {
  await withMachines(
    async (machines) => {
      const [witness, second, node] = machines.controlPlanes;
      if (witness === undefined || second === undefined || node === undefined)
        throw new RangeError('three control planes are needed');
      const invitation = await initFirst(machines);
      await joinNode(machines, second, { invitation, controlPlane: true });
      await joinNode(machines, node, { invitation, controlPlane: true });
      await use({ machines, node, witness, invitation });
    },
    { controlPlanes: 3 },
  );
}

/** The names of all members, none of which may be a learner or may never have started. */
async function voters(node: LabNode): Promise<readonly string[]> {
  const found = await members(node);
  expect(found.filter(({ isLearner, isStarted }) => isLearner || !isStarted)).toEqual([]);
  return found.map(({ name }) => name).sort();
}

/** After the loss of its leader, etcd answers as soon as it has elected another one. */
async function expectVoters(node: LabNode, names: readonly string[], what: string): Promise<void> {
  let found: readonly string[] | undefined;
  const ask = async (): Promise<boolean> => {
    found = await voters(node).catch((error: unknown) => {
      if (error instanceof LabError) return undefined;
      throw error;
    });
    return found !== undefined;
  };
  await expect.poll(ask, { timeout: 60_000, interval: 200 }).toBe(true);
  expect(found, what).toEqual(names);
}

/**
 * Deletes the Node that a reset leaves, whose name the kubelet would find taken. After a fault, the balancer can still use
 * an API server that does not answer.
 */
async function joinAgain({ invitation, machines, node, witness }: Cluster): Promise<void> {
  const deletion = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', 'delete', 'node', node.name];
  const ask = async (): Promise<number> =>
    (await witness.exec([...deletion, '--ignore-not-found'], { timeoutMs: 60_000 })).code;
  await expect.poll(ask, { timeout: 120_000, interval: 500 }).toBe(0);
  await joinNode(machines, node, { invitation, controlPlane: true });
  await expectVoters(witness, ['cp1', 'cp2', 'cp3'], 'after a join');
}

/** Each case changes the cluster before the reset. */
const removals: Readonly<Record<string, (cluster: Cluster) => Promise<void>>> = {
  'a follower': async ({ node, witness }) => await moveLeader(witness, witness.name, node),
  'the leader': async ({ node, witness }) => await moveLeader(witness, node.name, node),
  'a node whose Node was deleted before': async ({ node, witness }) =>
    void (await kubectl(witness, ['delete', 'node', node.name])),
  'a node that has lost its manifests': async ({ node }) =>
    void (await node.mustExec(['sh', '-c', 'systemctl stop kubelet && rm /etc/kubernetes/manifests/*'])),
};

/** Makes the member of that name the leader. Only the leader takes the command. */
async function moveLeader(witness: LabNode, name: string, node: LabNode): Promise<void> {
  const present = await leader(witness);
  if (present.name === name) return;
  const next = (await members(witness)).find((member) => member.name === name);
  const at = present.name === node.name ? node : witness;
  const endpoint = present.peerUrls[0]?.replace(':2380', ':2379');
  await etcdctl(at, ['move-leader', next?.id ?? ''], endpoint);
  expect((await leader(witness)).name).toBe(name);
}

test('reset of one of three control planes removes its member from etcd', async () => {
  await withThree(async (cluster) => {
    const { machines, node, witness } = cluster;
    for (const [name, prepare] of Object.entries(removals)) {
      if (!(await voters(witness)).includes(node.name)) await joinAgain(cluster);
      await prepare(cluster);
      const { stdout } = await run(node, 'kubeadm', 'reset -f');
      await expectVoters(witness, ['cp1', 'cp2'], name);
      expect(stdout, name).toContain('[reset] Deleted contents of the etcd data directory: /var/lib/etcd\n');
      expect(await tasks(node), name).toBe('');
    }
    await joinAgain(cluster);
    await expectResets(machines);
  });
});

const resetFile = '/root/reset.yaml';

/** Runs reset with short time limits. Without `force`, somebody answers the question with yes. */
async function resetWith(node: LabNode, { force = false } = {}): Promise<RunResult> {
  const document = {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ResetConfiguration',
    force,
    timeouts: { kubernetesAPICall: '20s', etcdAPICall: '30s' },
  };
  await node.writeFile(resetFile, yamlDocument(document), 0o600);
  const script = `echo y | kubeadm reset --config ${resetFile}`;
  return await node.exec(['sh', '-c', script], { timeoutMs: 300_000 });
}

interface Fault {
  readonly name: string;
  /** The pairs of nodes that are cut. */
  readonly cuts: readonly (readonly [string, string])[];
  /** The last lines of the error. */
  readonly says: RegExp;
}

const unreachable: Fault = {
  name: 'a node without a network',
  cuts: [
    ['cp3', 'cp1'],
    ['cp3', 'cp2'],
    ['cp3', 'lb'],
  ],
  says: /Other members count it as one of theirs \(.*10\.88\.0\.1\d.*\)\. Run reset again when they answer, or .*etcdctl member remove.*'kubeadm reset --force'/,
};

const faults: readonly Fault[] = [
  {
    name: 'a node without which etcd would have no quorum',
    cuts: [
      ['cp2', 'cp1'],
      ['cp2', 'cp3'],
      ['cp2', 'lb'],
    ],
    says: /2 of 2 voting members must be healthy, and 1 is; .*10\.88\.0\.11:2379.*\n.*'etcdctl member remove [0-9a-f]+' \(cp2\)\. Then run reset again\. 'kubeadm reset --force'/,
  },
  unreachable,
];

test('reset keeps everything while the member cannot be removed, and removes it afterwards', async () => {
  await withThree(async (cluster) => {
    const { machines, node, witness } = cluster;
    const { lab } = machines;
    for (const { cuts, name, says } of faults) {
      const before = await fileList(node, ['/etc/kubernetes']);
      for (const pair of cuts) await lab.cut(...pair);
      const refused = await resetWith(node);
      expect(refused.code, `${name}: ${refused.stdout}${refused.stderr}`).toBe(1);
      expect(refused.stderr, name).toMatch(says);
      expect(await fileList(node, ['/etc/kubernetes']), name).toBe(before);
      await node.mustExec(['test', '-d', '/var/lib/etcd/member']);
      await node.mustExec(['systemctl', 'is-active', 'kubelet']);
      await lab.heal();
      const healed = await resetWith(node);
      expect(healed.code, `${name}: ${healed.stdout}${healed.stderr}`).toBe(0);
      await expectVoters(witness, ['cp1', 'cp2'], name);
      await joinAgain(cluster);
    }

    // With force, the data is deleted, and the output names the command that removes the member.
    for (const pair of unreachable.cuts) await lab.cut(...pair);
    const forced = await resetWith(node, { force: true });
    expect(forced.code, forced.stdout + forced.stderr).toBe(0);
    expect(forced.stderr).toMatch(
      /warning: \[reset\] the etcd member of this node could not be removed: .*etcdctl member remove/,
    );
    expect(await tasks(node)).toBe('');
    await lab.heal();
    const left = (await members(witness)).find((member) => member.name === node.name);
    await etcdctl(witness, ['member', 'remove', left?.id ?? '']);
    await run(lab.node('cp2'), 'kubeadm', 'reset -f');
    await expectVoters(witness, ['cp1'], 'after the reset of the second node');
    await run(witness, 'kubeadm', 'reset -f');
    for (const one of machines.controlPlanes) expect(await tasks(one), one.name).toBe('');
  });
});
