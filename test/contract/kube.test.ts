import { createMemoryHost } from '../../src/host/memory/index.ts';
import { kubeContract } from './kube-contract.ts';

const kubeconfig = {
  currentContext: 'a',
  contexts: [{ name: 'a', cluster: 'c', user: 'tester' }],
  clusters: [{ name: 'c', server: 'https://10.0.0.5:6443' }],
  users: [{ name: 'tester' }],
};

kubeContract('in memory', () => createMemoryHost().kube(kubeconfig));
