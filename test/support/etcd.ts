/** The members of the etcd cluster, from `etcdctl` on a control plane node. */
import type { LabNode } from '../../lab/index.ts';
import { LabError } from '../../lab/index.ts';

export interface Member {
  /** Hexadecimal, as `etcdctl` prints it. */
  readonly id: string;
  readonly isStarted: boolean;
  /** Empty if the member never started. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly isLearner: boolean;
}

const pki = '/etc/kubernetes/pki/etcd';

/** Runs `etcdctl` with the client certificate of the node. @throws LabError if it fails */
export async function etcdctl(
  node: LabNode,
  args: readonly string[],
  endpoint = 'https://127.0.0.1:2379',
): Promise<string> {
  const tls = ['--cacert', `${pki}/ca.crt`, '--cert', `${pki}/peer.crt`, '--key', `${pki}/peer.key`];
  return await node.mustExec(['etcdctl', '--endpoints', endpoint, ...tls, ...args], { timeoutMs: 30_000 });
}

export async function members(node: LabNode): Promise<readonly Member[]> {
  return readMembers(await etcdctl(node, ['member', 'list']));
}

/** The member that leads at this moment. @throws LabError without a leader */
export async function leader(node: LabNode): Promise<Member> {
  // The number has more digits than a number in JSON can keep.
  const status = await etcdctl(node, ['endpoint', 'status', '-w', 'fields']);
  const number = /^"Leader" : (\d+)$/m.exec(status)?.[1];
  if (number === undefined) throw new LabError(`no leader in the status of etcd:\n${status}`);
  const id = BigInt(number).toString(16);
  const found = (await members(node)).find((member) => member.id === id);
  if (found === undefined) throw new LabError(`no member of etcd is the leader ${id}`);
  return found;
}

/** Reads the lines of `etcdctl member list`. @throws LabError for another format */
export function readMembers(text: string): readonly Member[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id, status, name, peers, , learner] = line.split(', ');
      if (id === undefined || name === undefined || peers === undefined || learner === undefined)
        throw new LabError(`not a member of etcd: ${line}`);
      return {
        id,
        isStarted: status === 'started',
        name,
        peerUrls: peers.split(','),
        isLearner: learner === 'true',
      };
    });
}
