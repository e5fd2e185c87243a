/** A control-plane node on a machine in memory. Its cluster does not answer. */
import { createMemoryHost, type MemoryHost } from '../../../host/memory/index.ts';
import { configuration, run } from '../../command.fixture.ts';

export const configFile = '/root/kubeadm.yaml';

/** Returns a node with all certificates and kubeconfig files, made at 2026-01-02T03:04:05Z. */
export async function controlPlane(text: string = configuration): Promise<MemoryHost> {
  const host = createMemoryHost({ files: { [configFile]: text } });
  for (const phase of ['certs', 'kubeconfig']) {
    const { code, stderr } = await run(host, ['init', 'phase', phase, 'all', '--config', configFile]);
    if (code !== 0) throw new Error(stderr);
  }
  host.api.reachable = false;
  return host;
}
