import { createMemoryHost, type MemoryHost } from '../../src/host/memory/index.ts';
import { etcdContract } from './etcd-contract.ts';

let host: MemoryHost;

etcdContract('in memory', {
  connect: async () => {
    host = createMemoryHost();
    const id = '8e9e05c52164694d';
    const urls = { peerURLs: ['https://127.0.0.1:2380'], clientURLs: ['https://127.0.0.1:2379'] };
    host.etcdCluster.members.set(id, { id, name: 'first', ...urls, isLearner: false });
    return host.etcd(['https://127.0.0.1:1', 'https://127.0.0.1:2379']);
  },
  startMember: async (name, peerURL) => {
    for (const member of host.etcdCluster.members.values()) {
      if (!member.peerURLs.includes(peerURL)) continue;
      host.etcdCluster.members.set(member.id, { ...member, name, clientURLs: ['https://127.0.0.1:2391'] });
    }
  },
  peerURLs: ['https://127.0.0.1:2390', 'https://127.0.0.1:2392'],
});
