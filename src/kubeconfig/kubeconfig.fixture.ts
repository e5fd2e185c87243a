import type { Kubeconfig } from './kubeconfig.ts';

/** Of a cluster at 10.0.0.5, as memory hosts take it. */
export const adminKubeconfig: Kubeconfig = {
  currentContext: 'admin',
  clusters: [{ name: 'kubernetes', server: 'https://10.0.0.5:6443' }],
  contexts: [{ name: 'admin', cluster: 'kubernetes', user: 'admin' }],
  users: [{ name: 'admin' }],
};
