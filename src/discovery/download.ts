import type { HttpResponse } from '../host.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig.ts';
import { parseKubeconfig } from '../kubeconfig/parse.ts';
import { redact } from '../lib/redact.ts';
import type { DiscoveryContext, DiscoveryHost } from './context.ts';
import { type Obstacle, obstacleOf } from './obstacles.ts';
import { repairable } from './refusals.ts';
import { NotYet, untilAnswered } from './wait.ts';

const requestTimeoutMs = 30_000;
const hint = 'Check the URL of the kubeconfig, and whether this machine trusts the authority of its server.';

/**
 * Reads a kubeconfig from an https URL. The certificate of its server must be trusted by this machine. The proxy of the
 * environment is used.
 *
 * @throws KubeadmError `discovery-failed`, `timeout`; `kubeconfig-invalid` if the content is not a kubeconfig
 */
export async function downloadKubeconfig(
  host: DiscoveryHost,
  url: string,
  context: DiscoveryContext,
): Promise<Kubeconfig> {
  const shown = redact(url);
  const { timeoutMs, signal } = context;
  const read = async (): Promise<string> => {
    const options = { timeoutMs: Math.min(timeoutMs, requestTimeoutMs), signal, useProxy: true };
    const { status, body } = await host.net.get(url, options);
    if (status >= 200 && status < 300) return body;
    throw new NotYet(statusObstacle({ status, body }, shown));
  };
  const obstacle = (error: unknown): Obstacle | undefined => {
    const found = obstacleOf(error, shown);
    return found && { ...found, hint };
  };
  context.emit({
    type: 'progress',
    topic: 'discovery',
    message: `Reading the kubeconfig from ${shown}`,
  });
  const wait = { ...context, clock: host.clock, what: 'the kubeconfig' };
  const text = await untilAnswered(read, obstacle, wait);
  return { ...(await repairable(() => parseKubeconfig(text, shown))), path: shown };
}

function statusObstacle({ status }: HttpResponse, shown: string): Obstacle {
  const later = status === 429 || status >= 500;
  return {
    reason: later ? 'server-not-ready' : 'unexpected-answer',
    message: `${shown} answers with status ${status} instead of a kubeconfig`,
    hint,
    ...(later ? {} : { patienceMs: 0 }),
  };
}
