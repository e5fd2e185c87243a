import type { Host } from '../../host.ts';
import { type ManifestInput, readHostFacts } from '../../manifests/static-pod.ts';
import type { InitInput } from './input.ts';

/** What init's manifests are made of. */
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
