/** The container runtime and etcd in a dry run. Reads go through, and changes stay in memory. */
import type { CriConnect, PodSandbox } from '../../clients/cri/cri-client.ts';
import type { EtcdConnect } from '../../clients/etcd/etcd-client.ts';
import type { Emit } from '../../events.ts';

type PodName = Pick<PodSandbox, 'name' | 'namespace'>;

/** The ids of Pod sandboxes and etcd members that would be gone, and the names of the Pods of listed sandboxes. */
export interface Gone {
  readonly pods: Set<string>;
  readonly podNames: Map<string, PodName>;
  readonly members: Set<string>;
}

export function dryRunCri(connect: CriConnect, { podNames, pods }: Gone, emit: Emit): CriConnect {
  return (endpoint) => {
    const client = connect(endpoint);
    return {
      ...client,
      pullImage: async (image) => emit({ type: 'would-pull-image', image }),
      podSandboxes: async (options) => {
        const sandboxes = await client.podSandboxes(options);
        for (const { id, name, namespace } of sandboxes) podNames.set(id, { name, namespace });
        return sandboxes.filter(({ id }) => !pods.has(id));
      },
      stopPodSandbox: async (id) => emit({ type: 'would-stop-pod', id, ...podNames.get(id) }),
      stopContainer: async () => undefined,
      removePodSandbox: async (id) => {
        pods.add(id);
        emit({ type: 'would-remove-pod', id, ...podNames.get(id) });
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
