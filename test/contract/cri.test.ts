import { createMemoryHost } from '../../src/host/memory/index.ts';
import { criContract } from './cri-contract.ts';

const endpoint = 'unix:///run/containerd/containerd.sock';
const present = 'registry.k8s.io/pause:3.10.2';
const unobtainable = 'registry.invalid/none:1';

criContract('in memory', {
  connect: () => {
    const host = createMemoryHost();
    host.runtime.images.add(present);
    host.runtime.pullErrors.set(unobtainable, 'no such host');
    return host.cri(endpoint);
  },
  present,
  unobtainable,
  connectToNothing: () => {
    const host = createMemoryHost();
    host.runtime.reachable = false;
    return host.cri(endpoint);
  },
});
