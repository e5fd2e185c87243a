import type { Host } from '../../host.ts';
import { type ManifestInput, readHostFacts } from '../../manifests/static-pod.ts';
import type { InitInput } from './input.ts';

/** The values from which init's manifests are built. */
export async function manifestInput(input: InitInput, host: Host): Promise<ManifestInput> {
  const { cluster, externalCA, init, release } = input;
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
