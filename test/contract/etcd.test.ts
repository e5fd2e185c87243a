import { createMemoryHost } from '../../src/host/memory/index.ts';
import { etcdContract } from './etcd-contract.ts';

const learnerURL = 'https://127.0.0.1:2390';

etcdContract(
  'in memory',
  async () => {
    const host = createMemoryHost();
    const { members } = host.etcdCluster;
    const urls = { peerURLs: ['https://127.0.0.1:2380'], clientURLs: ['https://127.0.0.1:2379'] };
    members.set('8e9e05c52164694d', { id: '8e9e05c52164694d', name: 'first', ...urls, isLearner: false });
    members.set('1f', { id: '1f', name: '', peerURLs: [learnerURL], clientURLs: [], isLearner: true });
    return host.etcd(['https://127.0.0.1:2379']);
  },
  learnerURL,
);
