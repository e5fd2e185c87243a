/** Retries requests. Source: client-go rest/with_retry.go; net/http Transport for reset connections. */
import type { HttpAnswer } from '../../../clients/kube/http-kube-client.ts';
import { codeOf } from '../error-code.ts';

const maximumTries = 10;
const resetPauseMs = 1000;

export interface RetryLimit {
  /** Deadline on the clock of `performance.now`. A pause does not go beyond it. */
  readonly end: number;
  readonly signal: AbortSignal;
}

/**
 * Retries after 429 and 5xx with Retry-After, after that time. A GET is also retried if its connection was reset. If the
 * connection had been used before, that happens at once, because the server may have closed it; otherwise after 1 s.
 *
 * @returns the last answer, if no time or retry is left
 */
export async function withRetries(
  method: string,
  attempt: () => Promise<HttpAnswer>,
  { end, signal }: RetryLimit,
): Promise<HttpAnswer> {
  for (let tries = 1; ; tries++) {
    const last = tries > maximumTries;
    const outcome = await attempt().then(
      (answer) => ({ answer, pauseMs: pauseAfter(answer) }),
      (error: unknown) => ({ error, pauseMs: method === 'GET' ? pauseAfterReset(error) : undefined }),
    );
    const { pauseMs } = outcome;
    if (last || pauseMs === undefined || performance.now() + pauseMs >= end) {
      if ('answer' in outcome) return outcome.answer;
      throw outcome.error;
    }
    if (pauseMs > 0) {
      const { setTimeout: sleep } = await import('node:timers/promises');
      await sleep(pauseMs, undefined, { signal });
    }
  }
}

function pauseAfter({ status, retryAfterMs }: HttpAnswer): number | undefined {
  return status === 429 || status >= 500 ? retryAfterMs : undefined;
}

function pauseAfterReset(error: unknown): number | undefined {
  const code = codeOf(error);
  if (code !== 'ECONNRESET' && code !== 'EPIPE') return undefined;
  return error instanceof Error && 'reused' in error && error.reused === true ? 0 : resetPauseMs;
}
