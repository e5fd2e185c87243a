import type { KubeClient } from '../../clients/kube/kube-client.ts';
import type { RetryPolicy } from '../../cluster/apply.ts';
import type { LocalClientOptions } from '../../cluster/client.ts';
import type { Host } from '../../host.ts';
import type { InitContext, InitInput } from './input.ts';

/** The API server and the user of the phases of `init`. */
export function clientOptions(input: InitInput, bootstrap: boolean): LocalClientOptions {
  const { localAPIEndpoint: endpoint, timeouts } = input.init;
  return { endpoint, timeouts, kubeconfig: input.paths.kubeconfig, bootstrap };
}

/** The API client of the run, with the time limit for the retries of this phase. */
export async function initApi(
  input: InitInput,
  host: Pick<Host, 'clock'>,
  context: InitContext,
): Promise<{ readonly client: KubeClient; readonly policy: RetryPolicy }> {
  const client = await context.scope.client(context);
  const { emit, limitsStart, signal } = context;
  const timeoutMs = input.init.timeouts.kubernetesAPICall;
  return { client, policy: { clock: host.clock, timeoutMs, limitStart: limitsStart, signal, emit } };
}
