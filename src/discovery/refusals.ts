import { KubeadmError } from '../errors.ts';
import { defined } from '../lib/defined.ts';
import { formatDuration } from '../lib/go/duration.ts';
import type { Obstacle } from './obstacles.ts';

/** Scripts find upstream's failures by this text. */
export const untrusted = "couldn't validate the identity of the API Server";

/** The error for an obstacle that will not go away by itself. */
export function refusal(obstacle: Obstacle, lastedMs: number, cause: unknown): KubeadmError {
  const { hint, reason } = obstacle;
  const lasted = lastedMs < 1000 ? '' : ` for ${formatDuration(Math.round(lastedMs / 1000) * 1000)}`;
  return new KubeadmError('discovery-failed', `${untrusted}${lasted}: ${explained(obstacle)}`, {
    cause,
    hint,
    details: { reason },
  });
}

/** The error for an obstacle at the end of `timeouts.discovery`. */
export function timeout(obstacle: Obstacle, timeoutMs: number, cause: unknown): KubeadmError {
  const message = `${untrusted} within ${formatDuration(timeoutMs)}: ${explained(obstacle)}`;
  return new KubeadmError('timeout', message, {
    cause,
    hint: `${obstacle.hint} The limit is timeouts.discovery of the configuration.`,
    details: { reason: obstacle.reason },
  });
}

function explained({ message, explanation }: Obstacle): string {
  return explanation === undefined ? message : `${message}. ${explanation}`;
}

/** The reasons for which an answer is not trusted, in `details.reason` of the error. */
export type DistrustReason =
  | 'kubeconfig-missing'
  | 'signature-wrong'
  | 'kubeconfig-unusable'
  | 'authority-missing'
  | 'authority-not-pinned'
  | 'authority-not-valid-now'
  | 'answers-differ';

/** The error for an answer that cannot be trusted. Nothing is tried again. */
export function distrust(
  reason: DistrustReason,
  message: string,
  options: { readonly hint: string; readonly cause?: unknown },
): KubeadmError {
  return new KubeadmError('discovery-failed', `${untrusted}: ${message}`, {
    ...options,
    details: { reason },
  });
}

/** Replaces the hint of `init`, which writes kubeconfig files itself. */
export async function repairable<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof KubeadmError) || error.code !== 'kubeconfig-invalid') throw error;
    const { code, details, message, place } = error;
    const hint = 'Repair the kubeconfig for discovery, or name another one.';
    throw new KubeadmError(code, message, { ...defined({ place }), cause: error, details, hint });
  }
}
