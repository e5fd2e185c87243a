/** Probes of static Pods. Source: cmd/kubeadm/app/util/staticpod/utils.go. */
import type { Probe } from './pod.ts';

export interface ProbeEndpoint {
  /** If empty, the kubelet uses the address of the Pod. */
  readonly host: string;
  readonly scheme: 'HTTP' | 'HTTPS';
}

/** The name of the container port that probes refer to. */
export const probePort = 'probe-port';

const periodSeconds = 10;

export function livenessProbe(endpoint: ProbeEndpoint, path: string): Probe {
  return { ...probe(endpoint, path), initialDelaySeconds: 10, periodSeconds, failureThreshold: 8 };
}

/** The readinessProbe of a container. The result is empty for a component without a readiness path. */
export function readiness(
  endpoint: ProbeEndpoint,
  path: string | undefined,
): { readonly readinessProbe?: Probe } {
  if (path === undefined) return {};
  return { readinessProbe: { ...probe(endpoint, path), periodSeconds: 1, failureThreshold: 3 } };
}

/** A startup probe that fails only after the whole health-check timeout, in milliseconds. */
export function startupProbe(endpoint: ProbeEndpoint, path: string, timeoutMs: number): Probe {
  const failureThreshold = Math.ceil(timeoutMs / 1000 / periodSeconds);
  return { ...probe(endpoint, path), initialDelaySeconds: periodSeconds, periodSeconds, failureThreshold };
}

/** The host of a probe. An unspecified address gives no host, because a client cannot connect to it. */
export function probeHost(bindAddress: string): string {
  return bindAddress === '0.0.0.0' || bindAddress === '::' ? '' : bindAddress;
}

function probe({ host, scheme }: ProbeEndpoint, path: string) {
  return {
    httpGet: { ...(host === '' ? {} : { host }), path, port: probePort, scheme },
    timeoutSeconds: 15,
  };
}
