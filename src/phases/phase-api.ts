/** The API server, as phases call it. */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import type { RetryPolicy } from '../cluster/apply.ts';
import type { KubeadmEvent } from '../events.ts';
import type { Host } from '../host.ts';
import type { PhaseContext } from '../workflow/phase.ts';
import type { RunScope } from './run-scope.ts';

/** The API client of the run, with the time limit for the retries of a phase. */
export interface PhaseApi {
  readonly client: KubeClient;
  readonly policy: RetryPolicy;
}

/** @param timeoutMs timeouts.kubernetesAPICall */
export async function phaseApi<S extends Pick<RunScope, 'client'>>(
  host: Pick<Host, 'clock'>,
  context: PhaseContext<KubeadmEvent, S>,
  timeoutMs: number,
): Promise<PhaseApi> {
  const client = await context.scope.client(context);
  return { client, policy: phasePolicy(host, context, timeoutMs) };
}

/** The time limit for the retries of API calls in a phase. @param timeoutMs timeouts.kubernetesAPICall */
export function phasePolicy(
  { clock }: Pick<Host, 'clock'>,
  { emit, limitsStart, signal }: Pick<PhaseContext<KubeadmEvent>, 'emit' | 'limitsStart' | 'signal'>,
  timeoutMs: number,
): RetryPolicy {
  return { clock, timeoutMs, limitStart: limitsStart, signal, emit };
}
