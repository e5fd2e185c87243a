/** When a request is made again. Source: client-go rest/with_retry.go; net/http Transport for reset connections. */
import type { HttpAnswer } from '../../../clients/kube/http-kube-client.ts';
import { codeOf } from '../error-code.ts';

const maximumTries = 10;
const resetPauseMs = 1000;

export interface RetryLimit {
  /** On the clock of `performance.now`: no pause goes beyond it. */
  readonly end: number;
  readonly signal: AbortSignal;
}

/**
 * Again after 429 and 5xx with Retry-After, after the time that it asks for; a GET also when its connection was reset:
 * at once when the connection had been used before, as the server may have closed it, otherwise after 1 s.
 *
 * @returns the last answer, when there is no time or try left
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
