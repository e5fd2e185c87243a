/** A SIGKILL at a chosen instant of the join of a node and of its reset, beside a control plane that stays. */
import { kubectl } from '../../lab/cluster.ts';
import { LabError, type LabNode } from '../../lab/index.ts';
import { prepareSubject, type Subject } from './cut-off.ts';
import { members } from './etcd.ts';
import { changes, clusterObjects, type State } from './interop.ts';
import { connectPods, first, type Invitation, type Machines, writeJoinConfig } from './many.ts';
import { configFile, runSuite } from './node.ts';

/** The commands after the init of the first control plane: a join, and the reset of that node. */
export interface JoinSubjectOptions {
  readonly invitation: Invitation;
  /** Defaults to a worker. */
  readonly controlPlane?: boolean;
}

/** A node that joins a cluster and is reset. The cluster must be the same at the end of each round. */
export async function joinSubject(
  machines: Machines,
  node: LabNode,
  { controlPlane = false, invitation }: JoinSubjectOptions,
): Promise<Subject> {
  const admin = first(machines);
  await writeJoinConfig(machines, node, { invitation, controlPlane });
  const before = await lastingObjects(admin);
  return await prepareSubject({
    node,
    command: ['join', '--config', configFile],
    result: '/etc/kubernetes/kubelet.conf',
    expectMade: async () => {
      await expectMembers(admin, controlPlane ? [admin.name, node.name] : [admin.name]);
      await connectPods(machines, node);
      await kubectl(admin, ['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s'], {
        timeoutMs: 70_000,
      });
      await expectSameObjects(admin, before);
      await runSuite(admin, []);
    },
    expectReset: async () => {
      await expectMembers(admin, [admin.name]);
      await kubectl(admin, ['delete', 'node', node.name]);
      await expectSameObjects(admin, before);
    },
  });
}

/** @throws LabError if etcd has other members than these voters */
async function expectMembers(admin: LabNode, names: readonly string[]): Promise<void> {
  const found = await members(admin);
  const strays = found.filter(({ isLearner, isStarted }) => isLearner || !isStarted);
  const list = found.map(({ name }) => name).sort();
  if (strays.length > 0 || list.join(' ') !== [...names].sort().join(' '))
    throw new LabError(`etcd has the members ${JSON.stringify(found)} and not ${names.join(', ')}`);
}

/**
 * Objects that belong to nodes, and those that the controller manager makes or fills when it can: in every namespace, and
 * the roles that are the sum of others.
 */
const changing =
  /^(?:Node|Pod|CertificateSigningRequest) |^ConfigMap .*\/kube-root-ca\.crt$|^ServiceAccount .*\/default$|^ClusterRole (?:admin|edit|view)$/;

/** The objects of the cluster that a join and a reset must leave as they are. */
async function lastingObjects(admin: LabNode): Promise<State> {
  return new Map([...(await clusterObjects(admin))].filter(([name]) => !changing.test(name)));
}

async function expectSameObjects(admin: LabNode, before: State): Promise<void> {
  const found = changes(before, await lastingObjects(admin));
  if (found.length > 0) throw new LabError(`objects of the cluster differ: ${found.join(', ')}`);
}
