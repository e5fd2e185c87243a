/** Rules about the endpoint that the kubelet connects to. */
import type { Facts } from '../facts.ts';
import type { Rule } from '../finding.ts';
import { healthOf, isHealthy } from './health.ts';

const patienceMs = 15_000;
/** A load balancer of a cloud needs half a minute to see a new API server. */
const balancerMs = 30_000;
/** The endpoint has answered the discovery of a join a moment ago, so it may be gone for a short time. */
const outageMs = 60_000;

function hasOwnApiServer(facts: Facts): boolean {
  return healthOf(facts, 'kube-apiserver') !== undefined;
}

/**
 * Whether the endpoint may only wait for the API server of this machine, which has its own rules. A joining control plane
 * starts it late.
 */
function isOfOwnApiServer(facts: Facts): boolean {
  const { addresses, endpoint } = facts.machine ?? {};
  if (endpoint === undefined || addresses?.includes(endpoint.host) === true) return true;
  return hasOwnApiServer(facts) && !isHealthy(facts, 'kube-apiserver');
}

export const endpointUnknown: Rule = {
  name: 'endpoint-unknown-host',
  title: 'The name of the control plane endpoint does not resolve',
  proof:
    "For 15 s, the resolver of this machine has not known the host of the server in the kubelet's kubeconfig. A resolver that only takes longer than 2 s does not end the wait.",
  cure: 'Correct the name service, /etc/hosts, or controlPlaneEndpoint.',
  find: (facts) => {
    const endpoint = facts.machine?.endpoint;
    if (endpoint?.lookupError === undefined) return [];
    return [
      {
        code: 'net',
        component: 'control plane endpoint',
        certainty: endpoint.failingMs >= patienceMs && endpoint.isLookupLate !== true ? 'certain' : 'likely',
        summary: `the name ${endpoint.host} of the control plane endpoint ${endpoint.server} does not resolve on this machine: ${endpoint.lookupError}`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text: `Make the name ${endpoint.host} resolve on this machine (name service or /etc/hosts), or correct controlPlaneEndpoint`,
          commands: [`getent hosts ${endpoint.host}`],
        },
      },
    ];
  },
};

export const endpointWithoutRoute: Rule = {
  name: 'endpoint-no-route',
  title: 'This machine has no route to the control plane endpoint',
  proof:
    "For 15 s, the server in the kubelet's kubeconfig has not answered, and the kernel has no route to any of its addresses. An API server of this machine is healthy, or this machine has none.",
  cure: 'Add the route or a default gateway, or correct controlPlaneEndpoint.',
  find: (facts) => {
    const endpoint = facts.machine?.endpoint;
    if (endpoint?.error === undefined || endpoint.hasRoute !== false || isOfOwnApiServer(facts)) return [];
    const { addresses = [], failingMs, host, server } = endpoint;
    const shown = addresses.includes(host) ? '' : ` (${addresses.join(', ')})`;
    return [
      {
        code: 'net',
        component: 'control plane endpoint',
        certainty: failingMs >= patienceMs ? 'certain' : 'likely',
        summary: `this machine has no route to the control plane endpoint ${server}${shown}: the network is unreachable`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text: `Add a route to ${addresses.join(' or ')} or a default gateway to this machine, or correct controlPlaneEndpoint`,
          commands: ['ip route', ...addresses.slice(0, 1).map((address) => `ip route get ${address}`)],
        },
      },
    ];
  },
};

export const endpointUnreachable: Rule = {
  name: 'endpoint-unreachable',
  title: 'Nothing answers at the control plane endpoint',
  proof:
    "The server in the kubelet's kubeconfig has not answered for 30 s, although the API server of this machine is healthy, or for a minute, if this machine has no API server.",
  cure: 'Correct the load balancer, the routes, the firewall, or controlPlaneEndpoint.',
  find: (facts) => {
    const endpoint = facts.machine?.endpoint;
    if (endpoint?.error === undefined) return [];
    if (isOfOwnApiServer(facts)) return [];
    const hasApiServer = hasOwnApiServer(facts);
    return [
      {
        code: 'net',
        component: 'control plane endpoint',
        certainty: endpoint.failingMs >= (hasApiServer ? balancerMs : outageMs) ? 'certain' : 'likely',
        summary: `the control plane endpoint ${endpoint.server} does not answer${hasApiServer ? ', although the API server of this machine is healthy' : ''}: ${endpoint.error}`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text: 'Check the load balancer, the routes and the firewall between this machine and the endpoint, or correct controlPlaneEndpoint',
          commands: [`curl -k ${endpoint.server}/livez`],
        },
      },
    ];
  },
};
