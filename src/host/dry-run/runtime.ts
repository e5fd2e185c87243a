/** The container runtime and etcd in a dry run. Reads go through, and changes stay in memory. */
import type { CriConnect } from '../../clients/cri/cri-client.ts';
import type { EtcdConnect } from '../../clients/etcd/etcd-client.ts';
import type { Emit } from '../../events.ts';

/** The ids of Pod sandboxes and etcd members that would be gone. */
export interface Gone {
  readonly pods: Set<string>;
  readonly members: Set<string>;
}

export function dryRunCri(connect: CriConnect, { pods }: Gone, emit: Emit): CriConnect {
  return (endpoint) => {
    const client = connect(endpoint);
    return {
      ...client,
      pullImage: async (image) => emit({ type: 'would-pull-image', image }),
      podSandboxes: async (options) => (await client.podSandboxes(options)).filter(({ id }) => !pods.has(id)),
      stopPodSandbox: async (id) => emit({ type: 'would-stop-pod', id }),
      removePodSandbox: async (id) => {
        pods.add(id);
        emit({ type: 'would-remove-pod', id });
      },
    };
  };
}

export function dryRunEtcd(connect: EtcdConnect, { members }: Gone, emit: Emit): EtcdConnect {
  return (endpoints, tls) => {
    const client = connect(endpoints, tls);
    const memberList: typeof client.memberList = async (options) =>
      (await client.memberList(options)).filter(({ id }) => !members.has(id));
    return {
      ...client,
      memberList,
      memberAddAsLearner: async (peerURL) => {
        emit({ type: 'would-add-member', peerURL });
        return { id: '0', name: '', peerURLs: [peerURL], clientURLs: [], isLearner: true };
      },
      memberPromote: async (id) => emit({ type: 'would-promote-member', id }),
      memberRemove: async (id) => {
        members.add(id);
        emit({ type: 'would-remove-member', id });
        return await memberList();
      },
    };
  };
}
