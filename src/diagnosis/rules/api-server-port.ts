import type { Rule } from '../finding.ts';
import { healthOf } from './health.ts';

/** A load balancer on the same machine needs some time to see a new API server. */
const patienceMs = 15_000;

export const apiServerPort: Rule = {
  name: 'api-server-port',
  title: 'The API server listens on another port than the kubelet connects to',
  proof:
    'It is healthy on the port that its manifest names, and for 15 s, nothing answers at the server in the kubeconfig of the kubelet, which is this machine with another port.',
  cure: 'Set the port with `localAPIEndpoint.bindPort`, and not with the argument `secure-port`.',
  find: ({ machine }) => {
    const endpoint = machine?.endpoint;
    const server = healthOf({ machine }, 'kube-apiserver');
    if (endpoint?.error === undefined || server?.isHealthy !== true) return [];
    if (machine?.addresses?.includes(endpoint.host) !== true) return [];
    const [own, wanted] = [server.url, endpoint.server].map((url) => new URL(url).port || '443');
    if (own === wanted) return [];
    return [
      {
        code: 'net',
        component: 'kube-apiserver',
        certainty: endpoint.failingMs >= patienceMs ? 'certain' : 'likely',
        summary: `kube-apiserver listens on port ${own}, but the kubelet connects to ${endpoint.server}: ${endpoint.error}`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text: 'Set the port with localAPIEndpoint.bindPort instead of the argument secure-port, or start the load balancer that the kubelet connects to',
          commands: [`ss -ltnp 'sport = :${wanted}'`],
        },
      },
    ];
  },
};
