import type { InitFamilyConfig } from '../config/hub.ts';
import type { ReadHost } from '../host.ts';
import { type ManifestInput, readHostFacts } from './static-pod.ts';

/** The values from which the manifests of this node are built. */
export async function manifestInput(
  {
    cluster,
    externalCA,
    init,
    release,
  }: Pick<InitFamilyConfig, 'cluster' | 'init' | 'release'> & { readonly externalCA: boolean },
  host: Pick<ReadHost, 'files' | 'system'>,
): Promise<ManifestInput> {
  return {
    cluster,
    release,
    endpoint: init.localAPIEndpoint,
    nodeName: init.nodeRegistration.name,
    healthCheckTimeout: init.timeouts.controlPlaneComponentHealthCheck,
    externalCA,
    facts: await readHostFacts(host),
  };
}
