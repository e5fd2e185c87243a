import type { RetryPolicy } from '../../cluster/apply.ts';
import type { Host } from '../../host.ts';
import { type PhaseApi, phaseApi, phasePolicy } from '../phase-api.ts';
import type { JoinContext, JoinInput } from './input.ts';

/** The time limit for the retries of API calls in this phase. */
export function retryPolicy(
  { join }: JoinInput,
  host: Pick<Host, 'clock'>,
  context: JoinContext,
): RetryPolicy {
  return phasePolicy(host, context, join.timeouts.kubernetesAPICall);
}

/** The client with admin.conf. */
export async function adminApi(
  { join }: JoinInput,
  host: Pick<Host, 'clock'>,
  context: JoinContext,
): Promise<PhaseApi> {
  return await phaseApi(host, context, join.timeouts.kubernetesAPICall);
}
