import type { PhaseFlag } from '../phase-flag.ts';

/** The flags of the phases that can discover the cluster. */
export const discoveryFlags: readonly PhaseFlag[] = [
  'discovery-file',
  'discovery-token',
  'discovery-token-ca-cert-hash',
  'discovery-token-unsafe-skip-ca-verification',
  'tls-bootstrap-token',
  'token',
];

/** The positional argument of the phases that can discover the cluster. */
export const endpointArgument = { usage: '[api-server-endpoint]', maximum: 1 } as const;
