import type { KubeClient } from '../../clients/kube/kube-client.ts';
import type { RetryPolicy } from '../../cluster/apply.ts';
import type { Host } from '../../host.ts';
import type { JoinContext, JoinInput } from './input.ts';

/** The time limit for the retries of API calls in this phase. */
export function retryPolicy(
  { join }: JoinInput,
  { clock }: Pick<Host, 'clock'>,
  { emit, limitsStart, signal }: JoinContext,
): RetryPolicy {
  return { clock, timeoutMs: join.timeouts.kubernetesAPICall, limitStart: limitsStart, signal, emit };
}

/** The client with admin.conf, with the time limit for the retries of this phase. */
export async function adminApi(
  input: JoinInput,
  host: Pick<Host, 'clock'>,
  context: JoinContext,
): Promise<{ readonly client: KubeClient; readonly policy: RetryPolicy }> {
  return { client: await context.scope.client(context), policy: retryPolicy(input, host, context) };
}
