import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { containerEvidence, describeEvidence } from './evidence.ts';

/** Errors for which the containers of this machine may be the reason. */
const codes: readonly string[] = ['timeout', 'net', 'control-plane-unhealthy'];

export interface FailureSource {
  readonly criSocket: string;
  readonly components: readonly string[];
  readonly emit: Emit;
}

/**
 * Adds the container runtime's reports about the control plane to the error of a phase that waited for it. It emits a
 * warning for each container that failed or restarted, and adds `details.containers` and a hint. Upstream names no
 * container. An error of another kind, or one whose cause was found, is returned unchanged.
 */
export async function withContainerEvidence(
  error: unknown,
  host: Pick<Host, 'cri' | 'files'>,
  { components, criSocket, emit }: FailureSource,
): Promise<unknown> {
  if (!(error instanceof KubeadmError) || !codes.includes(error.code) || 'rule' in error.details)
    return error;
  const evidence = await containerEvidence(host, { criSocket, components });
  const warn = (code: 'container-evidence' | 'container-runtime-silent', message: string): void =>
    emit({ type: 'warning', code, message });
  const texts = (evidence ?? []).map(describeEvidence).filter((text) => text !== undefined);
  for (const text of texts) warn('container-evidence', text);
  if (evidence === undefined) {
    const text = `the container runtime at ${criSocket} does not answer, so nothing is known of the containers`;
    warn('container-runtime-silent', text);
  }
  const isUnhealthy = error.code === 'control-plane-unhealthy';
  const hint = isUnhealthy || evidence === undefined || texts.length > 0 ? help(criSocket) : undefined;
  const hints = [...(error.hint === undefined ? [] : [error.hint]), ...(hint === undefined ? [] : [hint])];
  return new KubeadmError(error.code, error.message, {
    cause: error.cause,
    ...(hints.length === 0 ? {} : { hint: hints.join('\n') }),
    ...(error.place === undefined ? {} : { place: error.place }),
    details: { ...error.details, criSocket, containers: evidence ?? [] },
  });
}

function help(criSocket: string): string {
  return [
    'Look at the kubelet and at the containers that it started:',
    '  systemctl status kubelet',
    '  journalctl -xeu kubelet',
    `  crictl --runtime-endpoint ${criSocket} ps -a | grep kube | grep -v pause`,
    `  crictl --runtime-endpoint ${criSocket} logs CONTAINERID`,
  ].join('\n');
}
