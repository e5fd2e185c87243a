import type { CriClient } from '../clients/cri/cri-client.ts';
import type { Host } from '../host.ts';
import { currentSandbox } from '../kubelet/current-sandbox.ts';

/** The containers of kubeadm's addons, in the order of their dependencies. */
const addons = ['kube-proxy', 'coredns'];

/** The addons of which a Pod runs on this machine. Empty if the container runtime does not answer. */
export async function addonsHere(host: Pick<Host, 'cri'>, criSocket: string): Promise<readonly string[]> {
  const client: CriClient = host.cri(criSocket);
  try {
    const sandboxes = await client.podSandboxes();
    return addons.filter((name) => currentSandbox(name, sandboxes) !== undefined);
  } catch {
    return [];
  } finally {
    client.close();
  }
}
