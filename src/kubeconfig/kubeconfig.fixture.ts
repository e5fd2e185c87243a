import type { Kubeconfig } from './kubeconfig.ts';

/** A kubeconfig of a cluster at 10.0.0.5 for memory hosts. */
export const adminKubeconfig: Kubeconfig = {
  currentContext: 'admin',
  clusters: [{ name: 'kubernetes', server: 'https://10.0.0.5:6443' }],
  contexts: [{ name: 'admin', cluster: 'kubernetes', user: 'admin' }],
  users: [{ name: 'admin' }],
};
