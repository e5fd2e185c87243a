/** Probes of static Pods. Source: cmd/kubeadm/app/util/staticpod/utils.go. */
import type { Probe } from './pod.ts';

export interface ProbeEndpoint {
  /** Empty: the kubelet uses the Pod's address. */
  readonly host: string;
  readonly scheme: 'HTTP' | 'HTTPS';
}

/** Probes name the port of the container by this. */
export const probePort = 'probe-port';

const periodSeconds = 10;

export function livenessProbe(endpoint: ProbeEndpoint, path: string): Probe {
  return { ...probe(endpoint, path), initialDelaySeconds: 10, periodSeconds, failureThreshold: 8 };
}

/** The field of a container; empty for a component that has no path to ask for its readiness. */
export function readiness(
  endpoint: ProbeEndpoint,
  path: string | undefined,
): { readonly readinessProbe?: Probe } {
  if (path === undefined) return {};
  return { readinessProbe: { ...probe(endpoint, path), periodSeconds: 1, failureThreshold: 3 } };
}

/** Fails only after the whole health-check timeout (milliseconds) has passed. */
export function startupProbe(endpoint: ProbeEndpoint, path: string, timeoutMs: number): Probe {
  const failureThreshold = Math.ceil(timeoutMs / 1000 / periodSeconds);
  return { ...probe(endpoint, path), initialDelaySeconds: periodSeconds, periodSeconds, failureThreshold };
}

/** An unspecified address listens everywhere but cannot be asked: it gives no host. */
export function probeHost(bindAddress: string): string {
  return bindAddress === '0.0.0.0' || bindAddress === '::' ? '' : bindAddress;
}

function probe({ host, scheme }: ProbeEndpoint, path: string) {
  return {
    httpGet: { ...(host === '' ? {} : { host }), path, port: probePort, scheme },
    timeoutSeconds: 15,
  };
}
