import type { LocalClientOptions } from '../../cluster/client.ts';
import type { Host } from '../../host.ts';
import { type PhaseApi, phaseApi } from '../phase-api.ts';
import type { InitContext, InitInput } from './input.ts';

/** The API server and the user of the phases of `init`. */
export function clientOptions(input: InitInput, bootstrap: boolean): LocalClientOptions {
  const { localAPIEndpoint: endpoint, timeouts } = input.init;
  return { endpoint, timeouts, kubeconfig: input.paths.kubeconfig, bootstrap };
}

export async function initApi(
  { init }: InitInput,
  host: Pick<Host, 'clock'>,
  context: InitContext,
): Promise<PhaseApi> {
  return await phaseApi(host, context, init.timeouts.kubernetesAPICall);
}
